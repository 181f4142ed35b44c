import type { DecisionReview } from '../../contract/evaluation.ts'
import { mean } from '../../metrics/statistics.ts'
import { modeBounds } from '../policy.ts'
import { clampScore } from '../score/clamp.ts'
import type { AnalysisInput, SampledDecision, SampledProposal } from './analysis-input.ts'
import type { AnalysisReply } from './analysis-reply.ts'

interface Mark {
  readonly points: number
  readonly reason: string
}

/** Share of the deterministic quality of the window in the decision score; the rest is the sample's (reference-facts 4: 0.6 and 0.4). */
const windowShare = 0.6

/**
 * The analysis of the offline model: every decision starts at 50 points, and each rule that applies adds or takes some. The decision
 * score is 0.6 x the window's deterministic quality + 0.4 x the sample's mean; the timing score is the mean timing of what was timed.
 */
export function rubricAnalysis(input: AnalysisInput): AnalysisReply {
  const reviews = input.decisions.map((decision) => reviewOf(decision, input))
  const quality = mean(reviews.map(({ quality: points }) => points))
  const timed = reviews.flatMap(({ timing }) => (timing === null ? [] : [timing]))
  const timing = Math.round(mean(timed) ?? 50)
  const decisionScore = quality === null ? 50 : Math.round(windowShare * input.window_quality + (1 - windowShare) * quality)
  return {
    decision_score: decisionScore,
    timing_score: timing,
    notes: `Rules, no model: ${reviews.length} decisions sampled, mean quality ${(quality ?? 50).toFixed(0)}, mean timing ${timing}; the closed trades of the window score ${input.window_quality.toFixed(0)}.`,
    decision_reasons: decisionReasons(input),
    timing_reasons: [
      timed.length === 0
        ? 'no entry or exit with a known outcome was sampled'
        : `of ${timed.length} timed decisions, ${timed.filter((value) => value >= 50).length} were followed by more favourable than adverse movement`,
    ],
    decisions: reviews,
    recommendations: recommendations(input),
    proposal: proposalOf(input),
  }
}

function reviewOf(decision: SampledDecision, input: AnalysisInput): DecisionReview {
  const marks = [...decisionMarks(decision), ...decision.proposals.flatMap((proposal) => proposalMarks(proposal, input))]
  const timings = decision.proposals.flatMap(({ outcome }) => (outcome?.timing == null ? [] : [outcome.timing]))
  const timing = mean(timings)
  return {
    decision_id: decision.decision_id,
    quality: clampScore(marks.reduce((total, { points }) => total + points, 50)),
    timing: timing === null ? null : Math.round(timing),
    reason: (marks.map(({ points, reason }) => `${points > 0 ? '+' : ''}${points} ${reason}`).join('; ') || 'nothing to say').slice(0, 300),
  }
}

function decisionMarks({ kind, blocks, hold_reason }: SampledDecision): Mark[] {
  if (kind === 'refused') return [{ points: -25, reason: `proposed what was refused: ${blocks[0] ?? hold_reason ?? 'no reason'}` }]
  if (kind === 'failed') return [{ points: -30, reason: `gave no usable answer: ${hold_reason ?? 'no reason'}` }]
  return []
}

function proposalMarks(proposal: SampledProposal, input: AnalysisInput): Mark[] {
  if (proposal.action === 'BUY') return entryMarks(proposal, input)
  const { outcome } = proposal
  if (outcome === null) return []
  if (proposal.action === 'SELL')
    return outcome.worth_bps >= 0
      ? [{ points: 20, reason: `the price fell ${outcome.worth_bps.toFixed(0)} bps after the exit` }]
      : [{ points: -10, reason: `the price rose ${(-outcome.worth_bps).toFixed(0)} bps after the exit` }]
  return outcome.worth_bps < 0
    ? [{ points: -15, reason: `missed ${(-outcome.worth_bps).toFixed(0)} bps after costs` }]
    : [{ points: 15, reason: 'no move worth its cost was missed' }]
}

function entryMarks(
  { quoted_evidence, stop_price, take_profit, expected_edge_bps, outcome }: SampledProposal,
  { cost_bps }: AnalysisInput,
): Mark[] {
  const marks: Mark[] = [
    quoted_evidence.length >= 2 ? { points: 10, reason: 'evidence given' } : { points: -10, reason: 'less than two pieces of evidence' },
    stop_price === null ? { points: -20, reason: 'no stop' } : { points: 10, reason: 'a stop' },
    expected_edge_bps > cost_bps
      ? { points: 10, reason: 'expected edge above cost' }
      : { points: -20, reason: `expected edge ${expected_edge_bps.toFixed(0)} bps below the cost of ${cost_bps} bps` },
  ]
  if (outcome === null) return marks
  const reward = rewardToRisk(outcome.price, { stop_price, take_profit })
  if (reward !== null)
    marks.push(reward >= 1.5 ? { points: 10, reason: 'reward above risk' } : { points: -10, reason: 'reward too small for its risk' })
  marks.push(
    outcome.worth_bps > 0
      ? { points: 15, reason: `gained ${outcome.worth_bps.toFixed(0)} bps after costs` }
      : { points: -10, reason: `lost ${(-outcome.worth_bps).toFixed(0)} bps after costs` },
  )
  return marks
}

function rewardToRisk(price: number, exits: Pick<SampledProposal, 'stop_price' | 'take_profit'>): number | null {
  if (exits.stop_price === null || exits.take_profit === null) return null
  const risk = price - Number(exits.stop_price)
  return risk <= 0 ? null : (Number(exits.take_profit) - price) / risk
}

function decisionReasons({ population, activity, window_quality }: AnalysisInput): string[] {
  const entries = (population.entry_won ?? 0) + (population.entry_lost ?? 0)
  return [
    `closed trades score ${window_quality.toFixed(0)} of 100`,
    `${population.entry_won ?? 0} of ${entries} entries were worth their cost within the horizon`,
    `${population.refused ?? 0} decisions were refused by policy, risk or ledger, ${population.failed ?? 0} had no usable answer`,
    `${population.hold_missed ?? 0} of ${(population.hold_missed ?? 0) + (population.hold ?? 0)} chosen holds missed a move worth its cost, of ${activity.decisions} decisions in all`,
  ]
}

/** Whether most entries lost, or most chosen holds missed something: what a recommendation and a proposal need. */
function finding({ population }: AnalysisInput): 'entries lose' | 'holds miss' | null {
  const [won, lost] = [population.entry_won ?? 0, population.entry_lost ?? 0]
  const [missed, held] = [population.hold_missed ?? 0, population.hold ?? 0]
  if (lost >= 3 && lost > 2 * won) return 'entries lose'
  return missed >= 5 && missed > held && lost <= won ? 'holds miss' : null
}

function recommendations(input: AnalysisInput): string[] {
  const found = finding(input)
  if (found === 'entries lose') return ['Ask a larger edge of entries: most lost after costs within the horizon.']
  return found === 'holds miss' ? ['Act on smaller edges: most chosen holds missed a move worth its cost.'] : []
}

function proposalOf(input: AnalysisInput): AnalysisReply['proposal'] {
  const { mode, policy } = input.prompt
  const { min_edge_bps } = policy
  const smaller = Math.max(modeBounds[mode].minEdgeBps, min_edge_bps - 20)
  const found = finding(input)
  if (found === 'entries lose')
    return {
      policy: { min_edge_bps: min_edge_bps + 20 },
      wording: 'Most recent entries lost after costs. Before an entry, name what is different this time.',
      reason: 'most sampled entries lost after costs',
    }
  return found === 'holds miss' && smaller < min_edge_bps
    ? { policy: { min_edge_bps: smaller }, reason: 'most chosen holds missed a move worth its cost' }
    : null
}
