import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { effectivePolicy, modeBounds, policyForMode, tighterPolicy } from './policy.ts'
import { policy, promptMode } from '../contract/prompt-version.ts'
import { defaultPreferences, preferences as preferencesSchema } from '../contract/preferences.ts'

const standard = policyForMode('standard', defaultPreferences)
const percent = fc.integer({ min: 0, max: 100 }).map((value) => value / 100)
const anyPreferences = fc.record({
  ...Object.fromEntries(Object.entries(defaultPreferences).map(([key, value]) => [key, fc.constant(value)])),
  position_size_comfort: percent,
  cash_reserve_level: percent,
  risk_tolerance: fc.constantFrom('low', 'medium', 'high'),
})

describe('policy', () => {
  it('gives the standard mode the comfort of the user', () => {
    expect(standard).toMatchObject({ mode: 'standard', max_position: 0.2, cash_reserve: 0.15, min_edge_bps: 100, cool_down_seconds: 1800 })
  })

  it('orders the modes from careful to bold', () => {
    const [careful, normal, bold] = (['conservative', 'standard', 'aggressive'] as const).map((mode) =>
      policyForMode(mode, defaultPreferences),
    )
    expect(careful!.max_position).toBeLessThan(normal!.max_position)
    expect(normal!.max_position).toBeLessThan(bold!.max_position)
    expect(careful!.cash_reserve).toBeGreaterThan(normal!.cash_reserve)
    expect(normal!.cash_reserve).toBeGreaterThan(bold!.cash_reserve)
    expect(careful!.min_edge_bps).toBeGreaterThan(normal!.min_edge_bps)
    expect(normal!.min_edge_bps).toBeGreaterThan(bold!.min_edge_bps)
  })

  it('never passes the risk caps and always fits the contract, whatever the preferences', () => {
    fc.assert(
      fc.property(fc.constantFrom(...promptMode.options), anyPreferences, (mode, record) => {
        const preferences = preferencesSchema.parse(record)
        const made = policyForMode(mode, preferences)
        expect(policy.safeParse(made).success).toBe(true)
        expect(made.max_position).toBeLessThanOrEqual(0.25)
        expect(made.cash_reserve).toBeGreaterThanOrEqual(0.05)
        expect(made.cash_reserve).toBeGreaterThanOrEqual(modeBounds[mode].reserveFloor)
      }),
    )
  })

  it('lets preferences tighten the active version and never loosen it', () => {
    fc.assert(
      fc.property(fc.constantFrom(...promptMode.options), anyPreferences, (mode, record) => {
        const preferences = preferencesSchema.parse(record)
        const version = policyForMode(mode, defaultPreferences)
        const inForce = effectivePolicy(version, preferences)
        expect(tighterPolicy(version, inForce)).toEqual(inForce)
        expect(inForce.mode).toBe(mode)
      }),
    )
  })

  it('halves the position at once when the user halves the comfort', () => {
    expect(effectivePolicy(standard, { ...defaultPreferences, position_size_comfort: 0.1 }).max_position).toBe(0.1)
    expect(effectivePolicy(standard, { ...defaultPreferences, position_size_comfort: 0.9 }).max_position).toBe(0.2)
  })

  it('trades as carefully as the conservative mode for a cautious user, with the rules of the version', () => {
    const inForce = effectivePolicy(standard, { ...defaultPreferences, risk_tolerance: 'low' })
    expect(inForce).toEqual({
      ...policyForMode('conservative', defaultPreferences),
      mode: 'standard',
      preferred_rules: standard.preferred_rules,
    })
    expect(effectivePolicy(standard, { ...defaultPreferences, trading_style: 'conservative' })).toEqual(inForce)
  })
})
