import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defaultPreferences } from '../contract/preferences.ts'
import { promptMode } from '../contract/prompt-version.ts'
import { firstPromptVersion } from './first-prompt-version.ts'
import { policyBreaches } from './policy-breaches.ts'
import { modeBounds, policyForMode } from './policy.ts'
import { proposePrompt } from './propose-prompt.ts'

const active = firstPromptVersion(0)
const propose = (change: Parameters<typeof proposePrompt>[0]['change']) =>
  proposePrompt({ active, preferences: defaultPreferences, change })

describe('a proposed prompt version', () => {
  it('of another mode has that mode`s policy and prose', () => {
    const result = propose({ mode: 'conservative' })
    expect(result).toMatchObject({ ok: true, draft: { mode: 'conservative', policy: policyForMode('conservative', defaultPreferences) } })
    expect(result.ok && result.draft.text).toContain('conservative mode')
  })

  it('keeps what is not named, and writes the new number into the prose', () => {
    const result = propose({ policy: { max_position: 0.1 } })
    expect(result).toMatchObject({ ok: true, draft: { mode: 'standard', policy: { ...active.policy, max_position: 0.1 } } })
    expect(result.ok && result.draft.text).toContain('At most 10 % of equity')
  })

  it('takes a text as it is, but for characters that steer a reader', () => {
    expect(propose({ text: 'Buy low.\u202e Sell high.' })).toMatchObject({
      ok: true,
      draft: { text: 'Buy low. Sell high.', policy: active.policy },
    })
    expect(propose({ text: '\u200b \u0000' })).toMatchObject({ ok: false, reason: 'OUT_OF_BOUNDS', problems: [{ field: 'text' }] })
  })

  it('bolder than its mode is refused, bound by bound', () => {
    const result = propose({
      policy: { max_position: 0.5, cash_reserve: 0, min_edge_bps: 1, cool_down_seconds: 0, preferred_rules: ['momentum', 'momentum'] },
    })
    expect(result).toMatchObject({ ok: false, reason: 'OUT_OF_BOUNDS' })
    expect(!result.ok && result.problems.map(({ field }) => field)).toEqual([
      'policy.max_position',
      'policy.cash_reserve',
      'policy.min_edge_bps',
      'policy.cool_down_seconds',
      'policy.preferred_rules',
    ])
    expect(!result.ok && result.detail).toContain('in standard mode it must be at most 0.25, was 0.5')
  })

  it('that contradicts itself or changes nothing is refused', () => {
    expect(propose({ mode: 'aggressive', policy: { mode: 'conservative' } })).toMatchObject({
      ok: false,
      problems: [{ field: 'policy.mode' }],
    })
    expect(propose({})).toMatchObject({ ok: false, reason: 'NOTHING_TO_CHANGE' })
    expect(propose({ mode: 'standard', policy: { ...active.policy }, text: active.text })).toMatchObject({
      ok: false,
      reason: 'NOTHING_TO_CHANGE',
    })
  })

  it('may be as careful as it likes in any mode, and each mode`s own policy is inside its bounds', () => {
    fc.assert(
      fc.property(fc.constantFrom(...promptMode.options), fc.double({ min: 0, max: 1, noNaN: true }), (mode, share) => {
        const own = policyForMode(mode, defaultPreferences)
        expect(policyBreaches(own)).toEqual([])
        const { positionCeiling, reserveFloor } = modeBounds[mode]
        const careful = {
          ...own,
          max_position: positionCeiling * share,
          cash_reserve: reserveFloor + (1 - reserveFloor) * share,
          preferred_rules: [],
        }
        expect(policyBreaches(careful)).toEqual([])
      }),
    )
  })
})
