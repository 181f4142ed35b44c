import { describe, expect, it } from 'vitest'
import { defaultPreferences } from '../../contract/preferences.ts'
import type { Policy } from '../../contract/prompt-version.ts'
import { policyForMode } from '../policy.ts'
import { checkChange, type WantedChange } from './check-change.ts'
import {
  emptyMemory,
  judgeMemory,
  type JudgeMemory,
  lastChangeAt,
  type PromptChange,
  rememberChange,
  rememberScore,
} from './judge-memory.ts'

const minute = 60_000
const hour = 60 * minute
const now = 100 * hour
const modes = ['conservative', 'standard', 'performance', 'aggressive'] as const
const of = Object.fromEntries(modes.map((mode) => [mode, policyForMode(mode, defaultPreferences)])) as Record<
  (typeof modes)[number],
  Policy
>

const improve: WantedChange = { cause: 'decision_improvement', from: of.standard, to: of.performance, hasNewWords: true }
const emergency: WantedChange = { cause: 'emergency_conservative', from: of.aggressive, to: of.conservative, hasNewWords: false }
const plenty = { since: 90 * hour, closedTrades: 5, decisions: 30, spanMs: hour }

function check(options: { change?: WantedChange; memory?: JudgeMemory; evidence?: Partial<typeof plenty> } = {}) {
  const { change = improve, memory = emptyMemory, evidence = {} } = options
  const checked = checkChange({ change, memory, marketTime: now, preferences: defaultPreferences, evidence: { ...plenty, ...evidence } })
  return checked.ok ? 'fine' : `${checked.reason}: ${checked.detail}`
}

const changed = (hoursAgo: number, cause: PromptChange['cause'] = 'decision_improvement', memory = emptyMemory): JudgeMemory =>
  rememberChange(memory, { market_time: now - hoursAgo * hour, cause, from_mode: 'standard', to_mode: 'performance', direction: 'tighter' })

describe('a change by the Judge', () => {
  it('with fresh and plenty evidence is fine', () => {
    expect(check()).toBe('fine')
    expect(check({ change: emergency })).toBe('fine')
  })

  it('is refused while a person froze the prompt, an emergency too', () => {
    const memory = { ...emptyMemory, frozen: { by: 'ada', reason: 'holiday', market_time: 0 } }
    expect(check({ memory })).toBe('FROZEN: ada froze the prompt: holiday')
    expect(check({ memory, change: emergency })).toMatch(/^FROZEN/)
  })

  it('must change something', () => {
    expect(check({ change: { ...improve, to: of.standard, hasNewWords: false } })).toMatch(/^NOTHING_TO_CHANGE/)
    expect(check({ change: { ...improve, to: of.standard, hasNewWords: true } })).toBe('fine')
  })

  it('never raises a risk cap, nor stops all trading', () => {
    expect(check({ change: { ...improve, to: { ...of.performance, max_position: 0.3 } } })).toMatch(/^OUT_OF_BOUNDS: policy.max_position/)
    expect(check({ change: { ...improve, to: { ...of.performance, max_position: 0.01 } } })).toMatch(
      /^ACTIVITY_FLOOR: policy.max_position would stop/,
    )
    expect(check({ change: { ...improve, to: { ...of.performance, preferred_rules: [] } } })).toMatch(
      /^ACTIVITY_FLOOR: policy.preferred_rules/,
    )
  })

  it('goes one step; only an emergency or a rollback falls further', () => {
    expect(check({ change: { cause: 'increase_aggressiveness', from: of.conservative, to: of.aggressive, hasNewWords: false } })).toMatch(
      /^STEP_TOO_LARGE/,
    )
    expect(check({ change: { cause: 'rollback', from: of.conservative, to: of.aggressive, hasNewWords: false } })).toMatch(
      /^STEP_TOO_LARGE/,
    )
    expect(check({ change: { cause: 'rollback', from: of.aggressive, to: of.conservative, hasNewWords: false } })).toBe('fine')
    expect(check({ change: { cause: 'decision_improvement', from: of.aggressive, to: of.conservative, hasNewWords: false } })).toMatch(
      /^STEP_TOO_LARGE/,
    )
  })

  it('waits four hours after any change, a person`s too; an emergency that tightens does not', () => {
    const evidence = { since: now - hour }
    expect(check({ memory: changed(3.9), evidence: { since: now } })).toBe('COOL_DOWN: 6 of 240 minutes left since the last change')
    expect(check({ memory: changed(1, 'person'), evidence })).toMatch(/^COOL_DOWN/)
    expect(check({ memory: changed(1), evidence, change: emergency })).toBe('fine')
    expect(check({ memory: changed(1), evidence, change: { ...emergency, from: { ...of.aggressive, max_position: 0.05 } } })).toMatch(
      /^COOL_DOWN/,
    )
    expect(
      check({ memory: changed(1), evidence, change: { cause: 'rollback', from: of.standard, to: of.aggressive, hasNewWords: false } }),
    ).toMatch(/^COOL_DOWN/)
  })

  it('needs a window that began after the last change, and enough in it', () => {
    expect(check({ memory: changed(5), evidence: { since: now - 5 * hour - 1 } })).toMatch(/^STALE_EVIDENCE/)
    expect(check({ memory: changed(5), evidence: { since: now - 5 * hour - 1 }, change: emergency })).toMatch(/^STALE_EVIDENCE/)
    expect(check({ memory: changed(5), evidence: { since: now - 5 * hour } })).toBe('fine')
    expect(check({ evidence: { closedTrades: 4, decisions: 29, spanMs: hour - 1 } })).toBe(
      'TOO_LITTLE_EVIDENCE: closed trades: 4 of 5; decisions: 29 of 30; minutes: 59 of 60',
    )
    expect(check({ change: emergency, evidence: { closedTrades: 0 } })).toBe('fine')
  })

  it('needs no results for a user`s wish, a way out of standstill, or what a test decided', () => {
    for (const cause of ['user_feedback_update', 'user_preferences_update', 'reactivation', 'promotion'] as const)
      expect(check({ change: { ...improve, cause }, memory: changed(5), evidence: { since: 0, closedTrades: 0 } })).toBe('fine')
  })

  it('comes at most four times in 24 hours, emergencies at most twice beside them, a person as often as they like', () => {
    const four = [23.9, 15, 10, 5].reduce((memory, hours) => changed(hours, 'promotion', memory), emptyMemory)
    expect(check({ memory: four, evidence: { since: now } })).toMatch(/^TOO_MANY_CHANGES: 4 of 4/)
    expect(check({ memory: four, evidence: { since: now }, change: emergency })).toBe('fine')
    const two = [23, 1].reduce((memory, hours) => changed(hours, 'risk_reduction', memory), four)
    expect(check({ memory: two, evidence: { since: now }, change: emergency })).toMatch(/^TOO_MANY_CHANGES: 2 of 2/)
    const old = [24, 15, 10, 5].reduce((memory, hours) => changed(hours, 'promotion', memory), emptyMemory)
    expect(check({ memory: old, evidence: { since: now } })).toBe('fine')
    const persons = [9, 8, 7, 6, 5].reduce((memory, hours) => changed(hours, 'person', memory), emptyMemory)
    expect(check({ memory: persons, evidence: { since: now } })).toBe('fine')
  })
})

describe('the Judge`s memory', () => {
  it('keeps the scores of scheduled evaluations only', () => {
    const scored = { market_time: now, overall_score: 60, cause: 'schedule' }
    const once = rememberScore(emptyMemory, scored)
    expect(once.scores).toEqual([{ market_time: now, score: 60 }])
    expect(rememberScore(once, { ...scored, cause: 'manual', overall_score: 1 })).toBe(once)
    expect(rememberScore(once, { ...scored, overall_score: null })).toBe(once)
  })

  it('stays bounded and forgets what is older than 30 days', () => {
    let memory = emptyMemory
    for (let index = 0; index < 1000; index += 1) {
      const market_time = index * hour
      memory = rememberScore(changed(100 - index, 'person', memory), { market_time, overall_score: 50, cause: 'losses' })
    }
    expect(judgeMemory.parse(memory)).toEqual(memory)
    expect([memory.scores.length, memory.changes.length]).toEqual([200, 50])
    const later = rememberScore(memory, { market_time: 1000 * hour + 31 * 24 * hour, overall_score: 1, cause: 'schedule' })
    expect(later.scores).toHaveLength(1)
    expect(lastChangeAt(memory)).toBe(999 * hour)
    expect(lastChangeAt(emptyMemory)).toBeNull()
  })
})
