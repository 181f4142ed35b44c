import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import type { DecisionAnalysis, Evaluation } from '@trader/core/contract/evaluation'
import { defaultPreferences, type Preferences } from '@trader/core/contract/preferences'
import type { PromptTrial } from '@trader/core/contract/prompt-trial'
import { type Policy, promptMode, type PromptMode } from '@trader/core/contract/prompt-version'
import { floorBreaches } from '@trader/core/judge/change/activity-floor'
import { changeTable } from '@trader/core/judge/change/change-table'
import { checkChange } from '@trader/core/judge/change/check-change'
import { decideChange } from '@trader/core/judge/change/decide-change'
import {
  emptyMemory,
  type JudgeMemory,
  judgeMemory,
  lastChangeAt,
  type PromptChange,
  rememberChange,
  rememberScore,
} from '@trader/core/judge/change/judge-memory'
import { boldestMode, modeSteps } from '@trader/core/judge/change/mode-ladder'
import { policyDirection } from '@trader/core/judge/change/policy-direction'
import { triggerTable } from '@trader/core/judge/change/trigger-table'
import { policyForMode } from '@trader/core/judge/policy'
import { policyBreaches } from '@trader/core/judge/policy-breaches'
import { afterEvaluation, dueCause, type JudgeClock, requestEvaluation, startClock } from '@trader/core/judge/timing/judge-clock'
import { timingTable } from '@trader/core/judge/timing/timing-table'
import { advanceTrial, isTrialOver, proposeTrial } from '@trader/core/judge/trial/trial'
import { reportPerformance } from '@trader/core/metrics/performance-report'

// Random histories of a Judge, driven by its own rules as its workflow will, and what must hold in each of them.

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** What an evaluation finds: chance, within what evaluations can find. */
interface Finding {
  readonly overall: number | null
  readonly quality: number
  readonly drawdown: number
  readonly gain: number
  readonly closedTrades: number
  readonly equityChange: number
  readonly proposal: DecisionAnalysis['proposal']
  /** The window began before the last change. */
  readonly isOld: boolean
}

type Step = (
  | { readonly do: 'watch'; readonly finding: Finding; readonly losses: number; readonly hasTraded: boolean }
  | { readonly do: 'ask'; readonly force: boolean; readonly finding: Finding }
  | { readonly do: 'say'; readonly message: string }
  | { readonly do: 'prefer'; readonly change: Partial<Preferences> }
  | { readonly do: 'set mode'; readonly mode: PromptMode }
  | { readonly do: 'freeze'; readonly isOn: boolean }
  | { readonly do: 'verdict'; readonly verdict: 'better' | 'worse' }
) & { readonly minutes: number }

const asFraction = (percent: number): number => percent / 100
const finding = fc.record({
  overall: fc.option(
    fc.oneof({ weight: 1, arbitrary: fc.integer({ min: 0, max: 39 }) }, { weight: 5, arbitrary: fc.integer({ min: 40, max: 100 }) }),
    { freq: 6 },
  ),
  quality: fc.integer({ min: 0, max: 100 }),
  drawdown: fc
    .oneof({ weight: 5, arbitrary: fc.integer({ min: 0, max: 5 }) }, { weight: 1, arbitrary: fc.integer({ min: 0, max: 40 }) })
    .map(asFraction),
  gain: fc.integer({ min: -30, max: 30 }).map(asFraction),
  closedTrades: fc.integer({ min: 0, max: 20 }),
  equityChange: fc.integer({ min: -5, max: 5 }).map((percent) => 1 + percent / 100),
  isOld: fc.boolean(),
  proposal: fc.constantFrom<DecisionAnalysis['proposal'][]>(
    null,
    { wording: 'Wait for volume.', reason: 'late' },
    { policy: { min_edge_bps: 9000 }, reason: 'stop it all' },
    { policy: { max_position: 1, cash_reserve: 0 }, reason: 'all in' },
    { mode: 'aggressive', reason: 'mine' },
    { policy: { min_edge_bps: 150 }, wording: 'Ask more of an entry.', reason: 'early' },
  ),
})
const minutes = fc.oneof(fc.integer({ min: 0, max: 90 }), fc.integer({ min: 0, max: 3000 }))
const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant('watch' as const),
      minutes,
      finding,
      losses: fc.integer({ min: 0, max: 5 }),
      hasTraded: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('ask' as const), minutes, force: fc.boolean(), finding }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('say' as const),
      minutes,
      message: fc.constantFrom('be bold', 'be careful', 'hello', 'trade more'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('prefer' as const),
      minutes,
      change: fc.record({
        risk_tolerance: fc.constantFrom('low' as const, 'medium' as const, 'high' as const),
        position_size_comfort: fc.integer({ min: 0, max: 100 }).map(asFraction),
        cash_reserve_level: fc.integer({ min: 0, max: 100 }).map(asFraction),
        drawdown_tolerance: fc.integer({ min: 0, max: 100 }).map(asFraction),
      }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('set mode' as const), minutes, mode: fc.constantFrom(...promptMode.options) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('freeze' as const), minutes, isOn: fc.boolean() }) },
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('verdict' as const), minutes, verdict: fc.constantFrom('better' as const, 'worse' as const) }),
  },
)

export const judgeHistory = fc.array(steps, { minLength: 1, maxLength: 40 })

interface JudgedWorld {
  readonly marketTime: number
  readonly equity: number
  readonly active: { readonly mode: PromptMode; readonly policy: Policy; readonly text_hash: string }
  /** The policies of the candidate on trial and of its baseline. */
  readonly onTrial: { readonly trial: PromptTrial; readonly candidate: Policy; readonly baseline: Policy } | null
  readonly preferences: Preferences
  readonly hasNewPreferences: boolean
  readonly feedback: readonly string[]
  readonly lastEntryAt: number
  readonly memory: JudgeMemory
  readonly clock: JudgeClock
  readonly evaluatedAt: readonly number[]
}

/** What a whole history did, for the figures of the proof. */
export interface HistoryCounts {
  evaluations: number
  refusals: number
  trials: number
  /** Automatic ones, by what made them. */
  changes: Partial<Record<PromptChange['cause'], number>>
}

/** Runs one history; throws where a promise breaks. */
export function runHistory(history: readonly Step[], counts: HistoryCounts): void {
  let world: JudgedWorld = {
    marketTime: 0,
    equity: 10_000,
    active: { mode: 'standard', policy: policyForMode('standard', defaultPreferences), text_hash: '' },
    onTrial: null,
    preferences: defaultPreferences,
    hasNewPreferences: false,
    feedback: [],
    lastEntryAt: 0,
    memory: emptyMemory,
    clock: startClock({ marketTime: 0, equity: '10000' }),
    evaluatedAt: [],
  }
  for (const step of history) world = moved(world, step, counts)
  staysAlive(world, counts)
}

function moved(before: JudgedWorld, step: Step, counts: HistoryCounts): JudgedWorld {
  const world = { ...before, marketTime: before.marketTime + step.minutes * minute }
  switch (step.do) {
    case 'watch': {
      const cause = dueCause(world.clock, { marketTime: world.marketTime, losses: step.losses })
      const traded = step.hasTraded ? { ...world, lastEntryAt: world.marketTime } : world
      return cause === null ? traded : evaluated(traded, { finding: step.finding, cause, forced: false }, counts)
    }
    case 'ask': {
      const isGranted = requestEvaluation(world.clock, { marketTime: world.marketTime, force: step.force }).ok
      return isGranted ? evaluated(world, { finding: step.finding, cause: 'manual', forced: step.force }, counts) : world
    }
    case 'say':
      return { ...world, feedback: [...world.feedback, step.message] }
    case 'prefer':
      return { ...world, preferences: { ...world.preferences, ...step.change }, hasNewPreferences: true }
    case 'set mode':
      return changedTo(world, { cause: 'person', to: policyForMode(step.mode, world.preferences) }, counts)
    case 'freeze':
      return {
        ...world,
        memory: { ...world.memory, frozen: step.isOn ? { by: 'person', reason: 'test', market_time: world.marketTime } : null },
      }
    default:
      return tried(world, step.verdict, counts)
  }
}

function evaluated(
  world: JudgedWorld,
  made: { finding: Finding; cause: Evaluation['cause']; forced: boolean },
  counts: HistoryCounts,
): JudgedWorld {
  const { finding: found, cause, forced } = made
  const { marketTime, memory } = world
  counts.evaluations += 1
  const equity = world.equity * found.equityChange
  const evaluation = evaluationOf(found)
  const after: JudgedWorld = {
    ...world,
    equity,
    memory: rememberScore(memory, { market_time: marketTime, overall_score: found.overall, cause }),
    clock: afterEvaluation(world.clock, {
      market_time: marketTime,
      cause,
      forced,
      status: evaluation.status,
      overall_score: found.overall,
      trend: found.overall === null ? null : 'stable',
      equity: equity.toFixed(2),
    }),
    evaluatedAt: [...world.evaluatedAt, marketTime],
    feedback: [],
    hasNewPreferences: false,
  }
  if (cause === 'manual') assert.deepEqual(after.memory.scores, memory.scores, 'one asked for by hand counts as a score')
  else if (world.clock.last_at !== null)
    assert(marketTime - world.clock.last_at >= timingTable.least_gap_ms, 'two evaluations within ten minutes')
  const changedAt = lastChangeAt(memory)
  const since = found.isOld ? 0 : (changedAt ?? 0)
  const decided = decideChange({
    evaluation,
    window: { since, spanMs: marketTime - since },
    active: world.active,
    preferences: world.preferences,
    hasNewPreferences: world.hasNewPreferences,
    feedback: world.feedback,
    idleMs: marketTime - Math.max(world.lastEntryAt, changedAt ?? 0),
    memory: after.memory,
    trial: world.onTrial?.trial ?? null,
    marketTime,
  })
  if (decided.outcome === 'none') return after
  if (decided.outcome === 'refused') {
    counts.refusals += 1
    return after
  }
  const to = decided.draft.policy
  const { type } = decided.update
  const isByResults = ['emergency_conservative', 'risk_reduction', 'decision_improvement', 'increase_aggressiveness'].includes(type)
  if (isByResults) assert(changedAt === null || since >= changedAt, `${type} on evidence older than the last change`)
  if (type === 'decision_improvement' || type === 'increase_aggressiveness')
    assert(found.closedTrades >= changeTable.closed_trades, `${type} after ${found.closedTrades} closed trades`)
  assert.equal(to.mode, decided.update.mode, 'the mode is not the one that code chose')
  assertPolicy(to, after.preferences)
  if (decided.outcome === 'activate') return changedTo(after, { cause: decided.update.type, to }, counts)
  counts.trials += 1
  assert.equal(after.memory.frozen, null, 'a trial began while frozen')
  const proposal = { trialId: `trial-${marketTime}`, candidateVersion: 2, baselineVersion: 1, marketTime, emergency: null }
  const trial = advanceTrial(proposeTrial(proposal), { type: 'started', marketTime })
  return { ...after, onTrial: { trial, candidate: to, baseline: world.active.policy } }
}

function evaluationOf(found: Finding): Parameters<typeof decideChange>[0]['evaluation'] {
  const report = reportPerformance({ fills: [], equity: [], start: 0, end: 1, periodMs: hour })
  const component = { returns: 50, risk_management: 50, decision_quality: found.quality, consistency: 50 }
  return {
    status: found.overall === null ? 'insufficient_evidence' : 'scored',
    overall_score: found.overall,
    component_scores: found.overall === null ? null : component,
    performance_report: { ...report, closed_trades: found.closedTrades, max_drawdown: found.drawdown, total_return: found.gain },
    decision_analysis: {
      model: 'test',
      fallback_reason: null,
      decision_score: found.quality,
      timing_score: 50,
      notes: '',
      decision_reasons: [],
      timing_reasons: [],
      decisions: [],
      recommendations: [],
      proposal: found.proposal,
      population: 1,
    },
    activity: {
      decisions: 100,
      trade_decisions: 10,
      holds: {},
      blocks: {},
      entries: 5,
      entries_per_day: 5,
      average_entry: null,
      largest_entry: null,
      stop_exits: 0,
      loss_streak: 0,
      model_calls: 0,
      model_cost_usd: '0',
      max_position_concentration: 0,
      cash_ratio: 1,
    },
  }
}

/** A trial gets its verdict: promotion and rollback are changes like others, and wait where they must. */
function tried(world: JudgedWorld, verdict: 'better' | 'worse', counts: HistoryCounts): JudgedWorld {
  const { onTrial, marketTime } = world
  if (onTrial === null || isTrialOver(onTrial.trial)) return world
  const isPromotion = onTrial.trial.status === 'shadow' && verdict === 'better'
  const isRollback = onTrial.trial.status === 'promoted' && verdict === 'worse'
  const status = isPromotion ? 'promoted' : isRollback ? 'rolled_back' : onTrial.trial.status === 'shadow' ? 'rejected' : 'settled'
  const next = { ...world, onTrial: { ...onTrial, trial: { ...onTrial.trial, status } as PromptTrial } }
  if (!isPromotion && !isRollback) return next
  const cause = isPromotion ? 'promotion' : 'rollback'
  const to = isPromotion ? onTrial.candidate : onTrial.baseline
  const evidence = { since: 0, closedTrades: 0, decisions: 0, spanMs: 0 }
  const change = { cause, from: world.active.policy, to, hasNewWords: true } as const
  const checked = checkChange({ change, memory: world.memory, marketTime, preferences: world.preferences, evidence })
  if (checked.ok) return changedTo(next, { cause, to }, counts)
  counts.refusals += 1
  return world
}

/** Another version is active now. Everything that must hold of a change is asserted here. */
function changedTo(world: JudgedWorld, { cause, to }: { cause: PromptChange['cause']; to: Policy }, counts: HistoryCounts): JudgedWorld {
  const { memory, marketTime, active, preferences } = world
  const direction = policyDirection({ from: active.policy, to })
  const change = { market_time: marketTime, cause, from_mode: active.mode, to_mode: to.mode, direction }
  const after = rememberChange(memory, change)
  if (cause !== 'person') {
    counts.changes[cause] = (counts.changes[cause] ?? 0) + 1
    assert.equal(memory.frozen, null, `${cause} while a person froze the prompt`)
    assert(modeSteps(active.mode, to.mode) <= 1, `${cause} from ${active.mode} to ${to.mode} is bolder by more than a step`)
    if (cause !== 'promotion' && cause !== 'rollback') assertPolicy(to, preferences)
    const last = lastChangeAt(memory)
    if (last !== null && marketTime - last < changeTable.cool_down_ms)
      assert.equal(direction, 'tighter', `${cause} is ${direction} within the cool-down of another change`)
    const ofDay = after.changes.filter((each) => each.cause !== 'person' && each.market_time > marketTime - day)
    const emergencies = ofDay.filter((each) => each.cause === 'emergency_conservative' || each.cause === 'risk_reduction')
    assert(emergencies.length <= changeTable.emergencies_per_day, `${emergencies.length} emergencies within 24 hours`)
    assert(ofDay.length - emergencies.length <= changeTable.changes_per_day, `${ofDay.length - emergencies.length} changes within 24 hours`)
  }
  assert.deepEqual(judgeMemory.parse(after), after)
  // Its baseline is gone: a trial of another change is over.
  const keepsTrial = cause === 'promotion' || cause === 'rollback'
  return {
    ...world,
    memory: after,
    active: { mode: to.mode, policy: to, text_hash: `${marketTime}` },
    onTrial: keepsTrial ? world.onTrial : null,
  }
}

/** Bounded by its mode, and so by the risk caps; and something can still be traded, as far as the user wants it. */
function assertPolicy(policy: Policy, preferences: Preferences): void {
  assert.deepEqual(policyBreaches(policy), [])
  assert.deepEqual(floorBreaches({ policy, preferences }), [])
  assert(policy.max_position <= 0.25 && policy.cash_reserve >= 0.05, 'beyond the risk caps')
}

/** From wherever a history led: an evaluation comes within a day, and an agent that does nothing is let out of its standstill. */
function staysAlive(world: JudgedWorld, counts: HistoryCounts): void {
  const idle: Finding = { overall: null, quality: 50, drawdown: 0, gain: 0, closedTrades: 0, equityChange: 1, proposal: null, isOld: false }
  const isPersonsChoice = world.memory.changes.at(-1)?.cause === 'person'
  let now: JudgedWorld = { ...world, memory: { ...world.memory, frozen: null } }
  const end = now.marketTime + triggerTable.idle_ms + timingTable.longest_ms + changeTable.cool_down_ms
  while (now.marketTime < end) {
    now = moved(now, { do: 'watch', minutes: 30, finding: idle, losses: 0, hasTraded: false }, counts)
    assert(now.clock.next_at <= now.marketTime + timingTable.longest_ms, 'no evaluation for a day')
  }
  assert(now.evaluatedAt.length > world.evaluatedAt.length, 'the Judge fell asleep')
  const isFree = now.active.mode !== 'conservative' || boldestMode(now.preferences) === 'conservative' || isPersonsChoice
  assert(isFree, 'stands still in conservative mode for ever')
}
