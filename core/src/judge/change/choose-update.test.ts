import { describe, expect, it } from 'vitest'
import type { PerformanceReport } from '../../metrics/performance-report.ts'
import { reportPerformance } from '../../metrics/performance-report.ts'
import { defaultPreferences, type Preferences } from '../../contract/preferences.ts'
import { chooseUpdate, type UpdateInput } from './choose-update.ts'
import { feedbackWish } from './feedback-wish.ts'
import { triggerTable } from './trigger-table.ts'

const hour = 3_600_000
const empty = reportPerformance({ fills: [], equity: [], start: 0, end: 1, periodMs: hour })
const daring: Preferences = { ...defaultPreferences, risk_tolerance: 'high' }

interface Case extends Partial<Omit<UpdateInput, 'evaluation'>> {
  readonly overall?: number | null
  readonly quality?: number
  readonly report?: Partial<PerformanceReport>
}

/** A middling evaluation in standard mode, with what a case changes. */
function update({ overall = 65, quality = 60, report = {}, ...rest }: Case) {
  const scores = { returns: 50, risk_management: 85, decision_quality: quality, consistency: 50 }
  return chooseUpdate({
    evaluation: {
      status: overall === null ? 'insufficient_evidence' : 'scored',
      overall_score: overall,
      component_scores: overall === null ? null : scores,
      performance_report: { ...empty, max_drawdown: 0.1, total_return: 0.01, ...report },
    },
    mode: 'standard',
    preferences: defaultPreferences,
    hasNewPreferences: false,
    feedback: [],
    idleMs: 0,
    ...rest,
  })
}

describe('triggers', () => {
  it('want nothing of middling results', () => {
    expect(update({})).toBeNull()
  })

  it('below 40 points: conservative at once', () => {
    expect(update({ overall: 39.9 })).toEqual({
      type: 'emergency_conservative',
      mode: 'conservative',
      trend: 'poor',
      reason: 'overall score 39.9 is below 40',
    })
    expect(update({ overall: 40 })).toBeNull()
  })

  it('above 20 % drawdown, or 1.5 x a smaller tolerance of the user: less risk, with or without a score', () => {
    expect(update({ report: { max_drawdown: 0.2 } })).toBeNull()
    expect(update({ report: { max_drawdown: 0.201 } })).toMatchObject({ type: 'risk_reduction', mode: 'conservative', trend: 'declining' })
    expect(update({ overall: null, report: { max_drawdown: 0.21 } })?.reason).toBe('drawdown 21 % is above 20 %')
    const cautious = { ...defaultPreferences, drawdown_tolerance: 0.06 }
    expect(update({ preferences: cautious, report: { max_drawdown: 0.091 } })?.type).toBe('risk_reduction')
    expect(update({ preferences: cautious, report: { max_drawdown: 0.089 } })).toBeNull()
    // A bold user's tolerance never loosens the fixed threshold.
    expect(update({ preferences: { ...daring, drawdown_tolerance: 0.5 }, report: { max_drawdown: 0.21 } })?.type).toBe('risk_reduction')
  })

  it.each([
    ['aggressive', 'standard'],
    ['standard', 'performance'],
    ['performance', 'performance'],
    ['conservative', 'conservative'],
  ] as const)('below 40 points for decisions: from %s to %s', (mode, target) => {
    expect(update({ mode, quality: 39 })).toMatchObject({ type: 'decision_improvement', mode: target, trend: 'declining' })
    expect(update({ mode, quality: 40 })).toBeNull()
  })

  it('too careful for a user who wants risk: one step bolder', () => {
    const calm = { preferences: daring, report: { max_drawdown: 0.04, total_return: 0.019 }, overall: 60.1 }
    expect(update(calm)).toMatchObject({ type: 'increase_aggressiveness', mode: 'aggressive' })
    expect(update({ ...calm, mode: 'conservative' })?.mode).toBe('standard')
    expect(update({ ...calm, mode: 'performance' })?.mode).toBe('standard')
    expect(update({ ...calm, mode: 'aggressive' })).toBeNull()
    expect(update({ ...calm, preferences: defaultPreferences })).toBeNull()
    expect(update({ ...calm, overall: 60 })).toBeNull()
    // 0.3 x 15 % tolerance.
    expect(update({ ...calm, report: { max_drawdown: 0.045, total_return: 0 } })).toBeNull()
    expect(update({ ...calm, report: { max_drawdown: 0.01, total_return: 0.02 } })).toBeNull()
    // A large tolerance does not widen the fixed 5 %.
    const tolerant = { ...daring, drawdown_tolerance: 1 }
    expect(update({ ...calm, preferences: tolerant, report: { max_drawdown: 0.049, total_return: 0 } })?.type).toBe(
      'increase_aggressiveness',
    )
    expect(update({ ...calm, preferences: tolerant, report: { max_drawdown: 0.05, total_return: 0 } })).toBeNull()
    expect(update({ ...calm, report: { max_drawdown: null, total_return: 0 } })).toBeNull()
    expect(update({ ...calm, report: { max_drawdown: 0.01, total_return: null } })).toBeNull()
  })

  it('a user`s word: a step, never beyond what preferences allow', () => {
    expect(update({ feedback: ['please be more careful'] })).toMatchObject({ type: 'user_feedback_update', mode: 'conservative' })
    expect(update({ feedback: ['you are too cautious'] })?.mode).toBe('standard')
    expect(update({ feedback: ['you are too cautious'], preferences: daring })?.mode).toBe('aggressive')
    expect(update({ feedback: ['nice weather'] })?.mode).toBe('standard')
    expect(update({ feedback: ['be bold', 'thanks', 'no, be careful'] })?.mode).toBe('conservative')
  })

  it('new preferences: the mode only where it is bolder than they allow', () => {
    expect(update({ hasNewPreferences: true })).toMatchObject({ type: 'user_preferences_update', mode: 'standard' })
    expect(update({ hasNewPreferences: true, preferences: { ...defaultPreferences, risk_tolerance: 'low' } })?.mode).toBe('conservative')
    expect(
      update({ hasNewPreferences: true, mode: 'aggressive', preferences: { ...defaultPreferences, risk_tolerance: 'low' } })?.mode,
    ).toBe('standard')
    expect(update({ hasNewPreferences: true, mode: 'aggressive', preferences: daring })?.mode).toBe('aggressive')
  })

  it('a day without an entry in conservative mode: one step out of it, unless the user wants it', () => {
    expect(update({ mode: 'conservative', idleMs: 24 * hour, overall: null })).toMatchObject({ type: 'reactivation', mode: 'standard' })
    expect(update({ mode: 'conservative', idleMs: 24 * hour - 1, overall: null })).toBeNull()
    expect(update({ idleMs: 99 * hour })).toBeNull()
    const cautious = { ...defaultPreferences, risk_tolerance: 'low' as const }
    expect(update({ mode: 'conservative', idleMs: 99 * hour, preferences: cautious })).toBeNull()
  })

  it('in their order: the first that applies wins', () => {
    const all: Case = {
      overall: 30,
      quality: 10,
      report: { max_drawdown: 0.5, total_return: 0 },
      feedback: ['be bold'],
      hasNewPreferences: true,
      idleMs: 99 * hour,
      mode: 'conservative',
      preferences: daring,
    }
    expect(update(all)?.type).toBe('emergency_conservative')
    expect(update({ ...all, overall: 61 })?.type).toBe('risk_reduction')
    expect(update({ ...all, overall: 61, report: { max_drawdown: 0, total_return: 0 } })?.type).toBe('decision_improvement')
    expect(update({ ...all, overall: 61, quality: 50, report: { max_drawdown: 0, total_return: 0 } })?.type).toBe('increase_aggressiveness')
    expect(update({ ...all, overall: 50, quality: 50, report: { max_drawdown: 0 } })?.type).toBe('user_feedback_update')
    expect(update({ ...all, overall: 50, quality: 50, report: { max_drawdown: 0 }, feedback: [] })?.type).toBe('user_preferences_update')
    expect(update({ ...all, overall: 50, quality: 50, report: { max_drawdown: 0 }, feedback: [], hasNewPreferences: false })?.type).toBe(
      'reactivation',
    )
  })

  it('obey another table', () => {
    const limits = { ...triggerTable, emergency_score: 70 }
    expect(update({ limits })?.type).toBe('emergency_conservative')
  })
})

describe('a user`s wish', () => {
  it.each([
    ['Please trade more carefully, use smaller positions', 'careful'],
    ['too risky for me', 'careful'],
    ["don't be so aggressive", 'careful'],
    ['You are too conservative!', 'bold'],
    ['less cautious please', 'bold'],
    ['trade more', 'bold'],
    ['be safe but take more risk', 'unclear'],
    ['what is the weather', 'unclear'],
    ['', 'unclear'],
  ] as const)('"%s" is %s', (message, wish) => {
    expect(feedbackWish(message)).toBe(wish)
  })
})
