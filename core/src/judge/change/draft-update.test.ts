import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { defaultPreferences, type Preferences, preferences as preferencesSchema } from '../../contract/preferences.ts'
import { type Policy, policy as policySchema, promptMode } from '../../contract/prompt-version.ts'
import { effectivePolicy, policyForMode, tighterPolicy } from '../policy.ts'
import { policyBreaches } from '../policy-breaches.ts'
import { floorBreaches, raisedToFloor } from './activity-floor.ts'
import type { PromptUpdate } from './choose-update.ts'
import { draftOf, policyOfUpdate } from './draft-update.ts'
import { policyDirection } from './policy-direction.ts'

const standard = policyForMode('standard', defaultPreferences)
const updateOf = (type: PromptUpdate['type'], mode: Policy['mode']): PromptUpdate => ({ type, mode, trend: 'declining', reason: 'a test' })
const policyOf = (update: PromptUpdate, active = standard, preferences: Preferences = defaultPreferences) =>
  policyOfUpdate({ update, active, preferences })

const daring = { ...defaultPreferences, position_size_comfort: 1, cash_reserve_level: 0 }
const percent = fc.integer({ min: 0, max: 100 }).map((value) => value / 100)
const anyPreferences = fc
  .record({ position_size_comfort: percent, cash_reserve_level: percent, risk_tolerance: fc.constantFrom('low', 'medium', 'high') })
  .map((change) => preferencesSchema.parse({ ...defaultPreferences, ...change }))
const anyPolicy = fc
  .record({
    mode: fc.constantFrom(...promptMode.options),
    max_position: percent,
    cash_reserve: percent,
    min_edge_bps: fc.integer({ min: 0, max: 10_000 }),
    cool_down_seconds: fc.integer({ min: 0, max: 86_400 }),
    preferred_rules: fc.subarray(['momentum', 'mean_reversion'] as const),
  })
  // What is active has passed its mode's bounds, and may be tighter than them in any way.
  .map((value) => tighterPolicy(policyForMode(value.mode, daring), policySchema.parse(value)))

describe('the policy of an update', () => {
  it('of an emergency: half the comfort up to 15 %, 1.5 x the reserve from 20 % to 30 %', () => {
    expect(policyOf(updateOf('emergency_conservative', 'conservative'))).toEqual({
      mode: 'conservative',
      max_position: 0.1,
      cash_reserve: 0.225,
      min_edge_bps: 160,
      cool_down_seconds: 3600,
      preferred_rules: ['momentum'],
    })
    const rich = { ...defaultPreferences, position_size_comfort: 0.8, cash_reserve_level: 0.25 }
    expect(policyOf(updateOf('emergency_conservative', 'conservative'), standard, rich)).toMatchObject({
      max_position: 0.15,
      cash_reserve: 0.3,
    })
    const saver = { ...defaultPreferences, cash_reserve_level: 0.5 }
    expect(policyOf(updateOf('emergency_conservative', 'conservative'), standard, saver).cash_reserve).toBe(0.5)
  })

  it('of a risk reduction: 70 % of the comfort up to 15 %, 1.3 x the reserve from 20 % to 25 %', () => {
    expect(policyOf(updateOf('risk_reduction', 'conservative'))).toMatchObject({ max_position: 0.14, cash_reserve: 0.2 })
    const saver = { ...defaultPreferences, cash_reserve_level: 0.2 }
    expect(policyOf(updateOf('risk_reduction', 'conservative'), standard, saver).cash_reserve).toBe(0.25)
  })

  it('that wants less risk keeps every bound that is tighter already', () => {
    const tight = { ...standard, max_position: 0.05, min_edge_bps: 300 }
    expect(policyOf(updateOf('emergency_conservative', 'conservative'), tight)).toMatchObject({ max_position: 0.05, min_edge_bps: 300 })
    expect(policyOf(updateOf('decision_improvement', 'performance'), tight)).toMatchObject({
      max_position: 0.05,
      min_edge_bps: 300,
      mode: 'performance',
    })
  })

  it('of the same mode is the active one, but for new preferences', () => {
    expect(policyOf(updateOf('user_feedback_update', 'standard'))).toEqual(standard)
    const smaller = { ...defaultPreferences, position_size_comfort: 0.1 }
    expect(policyOf(updateOf('user_preferences_update', 'standard'), standard, smaller).max_position).toBe(0.1)
  })

  it('of a bolder mode is that mode`s own', () => {
    expect(policyOf(updateOf('increase_aggressiveness', 'aggressive'))).toEqual(policyForMode('aggressive', defaultPreferences))
    const tight = policyOf(updateOf('emergency_conservative', 'conservative'))
    expect(policyOf(updateOf('reactivation', 'standard'), tight)).toEqual(standard)
  })

  it('fits its mode and the floor, whatever was active and whatever the user prefers', () => {
    const anyUpdate = fc.constantFrom(
      updateOf('emergency_conservative', 'conservative'),
      updateOf('risk_reduction', 'conservative'),
      updateOf('decision_improvement', 'performance'),
      updateOf('decision_improvement', 'standard'),
      updateOf('increase_aggressiveness', 'aggressive'),
      updateOf('user_preferences_update', 'standard'),
      updateOf('reactivation', 'standard'),
    )
    fc.assert(
      fc.property(anyUpdate, anyPolicy, anyPreferences, (update, active, preferences) => {
        const made = policyOfUpdate({ update, active, preferences })
        expect(policySchema.safeParse(made).success).toBe(true)
        expect(policyBreaches(made)).toEqual([])
        expect(floorBreaches({ policy: made, preferences })).toEqual([])
        // The floor never loosens what the user asks for: that binds every decision on its own.
        expect(effectivePolicy(made, preferences).max_position).toBeLessThanOrEqual(Math.max(preferences.position_size_comfort * 1.2, 0))
      }),
    )
  })

  it('is written into the prose, with the checked advice below all bounds', () => {
    const update = updateOf('decision_improvement', 'performance')
    const policy = policyOf(update)
    const { text, mode, text_hash } = draftOf({ update, policy, wording: 'Wait for volume.' })
    expect(mode).toBe('performance')
    expect(text_hash).toMatch(/^[0-9a-f]{64}$/)
    expect(text.indexOf('## performance_focus')).toBeGreaterThan(text.indexOf('## risk_management'))
    expect(text.indexOf('Wait for volume.')).toBeGreaterThan(text.indexOf('## performance_focus'))
    expect(draftOf({ update, policy, wording: null }).text).not.toContain('judge_advice')
  })
})

describe('the activity floor', () => {
  it('lifts a policy that would stop trading, and only that', () => {
    const dead: Policy = {
      mode: 'conservative',
      max_position: 0,
      cash_reserve: 1,
      min_edge_bps: 9000,
      cool_down_seconds: 86_400,
      preferred_rules: [],
    }
    expect(raisedToFloor({ policy: dead, preferences: defaultPreferences })).toEqual({
      mode: 'conservative',
      max_position: 0.02,
      cash_reserve: 0.6,
      min_edge_bps: 400,
      cool_down_seconds: 14_400,
      preferred_rules: ['momentum'],
    })
    expect(floorBreaches({ policy: dead, preferences: defaultPreferences })).toHaveLength(5)
    expect(raisedToFloor({ policy: standard, preferences: defaultPreferences })).toEqual(standard)
  })

  it('leaves a user who wants nothing traded alone', () => {
    const none = { ...defaultPreferences, position_size_comfort: 0, cash_reserve_level: 1 }
    const policy = policyForMode('conservative', none)
    expect(policy).toMatchObject({ max_position: 0, cash_reserve: 1 })
    expect(floorBreaches({ policy, preferences: none })).toEqual([])
  })
})

describe('direction', () => {
  it('names the way between two policies', () => {
    expect(policyDirection({ from: standard, to: standard })).toBe('same')
    expect(policyDirection({ from: standard, to: policyForMode('conservative', defaultPreferences) })).toBe('tighter')
    expect(policyDirection({ from: standard, to: policyForMode('aggressive', defaultPreferences) })).toBe('looser')
    expect(policyDirection({ from: standard, to: { ...standard, max_position: 0.1, min_edge_bps: 0 } })).toBe('mixed')
  })
})
