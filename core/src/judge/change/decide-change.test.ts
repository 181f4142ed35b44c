import { describe, expect, it } from 'vitest'
import type { DecisionAnalysis } from '../../contract/evaluation.ts'
import { defaultPreferences } from '../../contract/preferences.ts'
import { reportPerformance } from '../../metrics/performance-report.ts'
import { firstPromptVersion } from '../first-prompt-version.ts'
import { policyForMode } from '../policy.ts'
import { changeRecord } from './change-record.ts'
import { changeTable } from './change-table.ts'
import { type ChangeInput, decideChange } from './decide-change.ts'
import { emptyMemory } from './judge-memory.ts'
import { triggerTable } from './trigger-table.ts'

const hour = 3_600_000
const active = firstPromptVersion(0)
const report = {
  ...reportPerformance({ fills: [], equity: [], start: 0, end: 1, periodMs: hour }),
  closed_trades: 8,
  max_drawdown: 0.1,
  total_return: 0,
}
const analysis: DecisionAnalysis = {
  model: 'openai:gpt-4o',
  fallback_reason: null,
  decision_score: 30,
  timing_score: 30,
  notes: '',
  decision_reasons: [],
  timing_reasons: [],
  decisions: [],
  recommendations: [],
  proposal: null,
  population: 50,
}
const activity = {
  decisions: 100,
  trade_decisions: 16,
  holds: {},
  blocks: {},
  entries: 8,
  entries_per_day: 8,
  average_entry: null,
  largest_entry: null,
  stop_exits: 0,
  loss_streak: 0,
  model_calls: 0,
  model_cost_usd: '0',
  max_position_concentration: 0,
  cash_ratio: 1,
}
const scores = { returns: 50, risk_management: 85, decision_quality: 60, consistency: 50 }
const evaluation = {
  status: 'scored' as const,
  overall_score: 60,
  component_scores: scores,
  performance_report: report,
  decision_analysis: analysis,
  activity,
}
const input: ChangeInput = {
  evaluation,
  window: { since: 0, spanMs: 10 * hour },
  active,
  preferences: defaultPreferences,
  hasNewPreferences: false,
  feedback: [],
  idleMs: 0,
  memory: emptyMemory,
  trial: null,
  marketTime: 10 * hour,
}
const poorDecisions = { ...evaluation, component_scores: { ...scores, decision_quality: 30 } }

describe('what the Judge does after an evaluation', () => {
  it('nothing, where no trigger applies', () => {
    expect(decideChange(input)).toEqual({ outcome: 'none' })
  })

  it('an emergency: active at once, without a model`s advice', () => {
    const proposal = { wording: 'Buy more.', reason: 'x' }
    const decided = decideChange({
      ...input,
      evaluation: { ...evaluation, overall_score: 31, decision_analysis: { ...analysis, proposal } },
    })
    expect(decided).toMatchObject({
      outcome: 'activate',
      update: { type: 'emergency_conservative', reason: 'overall score 31 is below 40' },
      draft: { mode: 'conservative', policy: { max_position: 0.1, cash_reserve: 0.225 } },
      change: {
        market_time: 10 * hour,
        cause: 'emergency_conservative',
        from_mode: 'standard',
        to_mode: 'conservative',
        direction: 'tighter',
      },
      note: { proposal: 'none' },
    })
    expect(decided.outcome === 'activate' && decided.draft.text).not.toContain('Buy more')
  })

  it('better decisions: a candidate that must prove itself, with the model`s checked advice and values', () => {
    const proposal = { policy: { min_edge_bps: 150 }, wording: 'Wait for volume.', reason: 'entries were early' }
    const decided = decideChange({ ...input, evaluation: { ...poorDecisions, decision_analysis: { ...analysis, proposal } } })
    expect(decided).toMatchObject({
      outcome: 'shadow',
      draft: { mode: 'performance', policy: { min_edge_bps: 150, max_position: 0.16 } },
      note: { proposal: 'used', proposal_detail: 'entries were early' },
    })
    expect(decided.outcome === 'shadow' && decided.draft.text).toContain('Wait for volume.')
  })

  it('takes advice for better decisions, more boldness and a user`s word, and for nothing else', () => {
    const proposal = { wording: 'Wait for volume.', reason: 'late' }
    const withAdvice = { ...evaluation, decision_analysis: { ...analysis, proposal } }
    const daring = { ...defaultPreferences, risk_tolerance: 'high' as const }
    const calm = { ...withAdvice, overall_score: 70, performance_report: { ...report, max_drawdown: 0.01 } }
    const used = { outcome: 'shadow', note: { proposal: 'used' } }
    expect(decideChange({ ...input, preferences: daring, evaluation: calm })).toMatchObject({
      ...used,
      update: { type: 'increase_aggressiveness' },
    })
    expect(decideChange({ ...input, evaluation: withAdvice, feedback: ['hello'] })).toMatchObject({
      ...used,
      update: { type: 'user_feedback_update' },
    })
    const smaller = { ...defaultPreferences, position_size_comfort: 0.1 }
    expect(decideChange({ ...input, evaluation: withAdvice, preferences: smaller, hasNewPreferences: true })).toMatchObject({
      note: { proposal: 'none' },
    })
  })

  it('a proposal beyond its bounds is left out, with its reason; the rest of the change stands', () => {
    const proposal = { mode: 'aggressive', wording: 'Go.', reason: 'x' }
    expect(decideChange({ ...input, evaluation: { ...poorDecisions, decision_analysis: { ...analysis, proposal } } })).toMatchObject({
      outcome: 'shadow',
      draft: { mode: 'performance', policy: policyForMode('performance', defaultPreferences) },
      note: { proposal: 'refused', proposal_detail: expect.stringMatching(/^NOT_A_PROPOSAL: /) },
    })
  })

  it('a user`s wish for less is followed at once; one for more must prove itself', () => {
    expect(decideChange({ ...input, feedback: ['be careful'] })).toMatchObject({ outcome: 'activate', draft: { mode: 'conservative' } })
    const preferences = { ...defaultPreferences, risk_tolerance: 'high' as const }
    expect(decideChange({ ...input, preferences, feedback: ['be bold'] })).toMatchObject({
      outcome: 'shadow',
      draft: { mode: 'aggressive' },
    })
    expect(
      decideChange({ ...input, preferences: { ...defaultPreferences, position_size_comfort: 0.1 }, hasNewPreferences: true }).outcome,
    ).toBe('activate')
    expect(
      decideChange({ ...input, preferences: { ...defaultPreferences, position_size_comfort: 0.25 }, hasNewPreferences: true }).outcome,
    ).toBe('shadow')
  })

  it('refuses a second candidate while one is on trial, but never an emergency', () => {
    const trial = { status: 'shadow' as const }
    expect(decideChange({ ...input, trial, evaluation: poorDecisions })).toMatchObject({ outcome: 'refused', reason: 'TRIAL_RUNNING' })
    expect(decideChange({ ...input, trial: { status: 'rejected' }, evaluation: poorDecisions }).outcome).toBe('shadow')
    expect(decideChange({ ...input, trial, evaluation: { ...evaluation, overall_score: 10 } }).outcome).toBe('activate')
  })

  it('says what was wanted and why it may not be', () => {
    expect(decideChange({ ...input, feedback: ['nice'] })).toMatchObject({
      outcome: 'refused',
      update: { type: 'user_feedback_update' },
      reason: 'NOTHING_TO_CHANGE',
    })
    expect(decideChange({ ...input, evaluation: poorDecisions, window: { since: 0, spanMs: 1 } })).toMatchObject({
      outcome: 'refused',
      update: { type: 'decision_improvement' },
      reason: 'TOO_LITTLE_EVIDENCE',
    })
  })

  it('ends a standstill by rule, but not one that a person chose', () => {
    const still = { ...active, mode: 'conservative' as const, policy: policyForMode('conservative', defaultPreferences) }
    const idle = {
      ...input,
      active: still,
      idleMs: 25 * hour,
      marketTime: 99 * hour,
      evaluation: { ...evaluation, overall_score: null, component_scores: null },
    }
    expect(decideChange(idle)).toMatchObject({ outcome: 'activate', update: { type: 'reactivation' }, draft: { mode: 'standard' } })
    const change = {
      market_time: 0,
      cause: 'person' as const,
      from_mode: 'standard' as const,
      to_mode: 'conservative' as const,
      direction: 'tighter' as const,
    }
    expect(decideChange({ ...idle, memory: { ...emptyMemory, changes: [change] } })).toEqual({ outcome: 'none' })
  })

  it('is told in the evaluation', () => {
    const told = (changes: Partial<ChangeInput>) => changeRecord(decideChange({ ...input, ...changes }))
    expect(told({})).toBeNull()
    expect(told({ feedback: ['nice'] })).toEqual({
      outcome: 'refused',
      update_type: 'user_feedback_update',
      mode: 'standard',
      reason: 'the user asks for no other boldness',
      refusal: 'NOTHING_TO_CHANGE',
      detail: 'the active standard policy is what the rule asks for',
    })
    const shadow = told({ evaluation: poorDecisions })
    expect(shadow).toMatchObject({ outcome: 'shadow', policy: { mode: 'performance' }, direction: 'tighter', proposal: 'none' })
    expect(JSON.parse(JSON.stringify(shadow))).toEqual(shadow)
  })

  it('obeys other tables', () => {
    const limits = { triggers: { ...triggerTable, emergency_score: 61 }, change: { ...changeTable, emergencies_per_day: 0 } }
    expect(decideChange({ ...input, limits })).toMatchObject({ outcome: 'refused', reason: 'TOO_MANY_CHANGES' })
  })
})
