import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defaultPreferences, preferences } from '../contract/preferences.ts'
import { changedPreferences, parsePreferencesChange } from './preferences-change.ts'

describe('a change of preferences', () => {
  it('holds only what was asked for', () => {
    expect(parsePreferencesChange({ trading_style: 'aggressive', min_hold_minutes: 30 })).toEqual({
      ok: true,
      change: { trading_style: 'aggressive', min_hold_minutes: 30 },
    })
  })

  it.each(['20%', 20, '20', 0.2, '0.2'])('reads a scrape percentage of %s as 20', (written) => {
    expect(parsePreferencesChange({ profit_scraping_percentage: written })).toEqual({
      ok: true,
      change: { profit_scraping_percentage: 20 },
    })
  })

  it('reads moderate risk as medium and words in any case', () => {
    expect(parsePreferencesChange({ risk_tolerance: ' Moderate ', experience_level: 'BEGINNER' })).toEqual({
      ok: true,
      change: { risk_tolerance: 'medium', experience_level: 'beginner' },
    })
    expect(parsePreferencesChange({ trading_style: 'moderate' }).ok).toBe(false)
  })

  it('is refused as a whole, with a reason for each wrong field', () => {
    const result = parsePreferencesChange({
      trading_style: 'balanced',
      risk_tolerance: 'wild',
      position_size_comfort: 20,
      profit_scraping_percentage: '120%',
      favourite_colour: 'blue',
      cash_reserve_level: null,
    })
    expect(result.ok).toBe(false)
    const problems = result.ok ? [] : result.problems
    expect(problems.map(({ field }) => field)).toEqual([
      'risk_tolerance',
      'position_size_comfort',
      'profit_scraping_percentage',
      'favourite_colour',
      'cash_reserve_level',
    ])
    expect(problems[0]?.problem).toBe('must be low, medium or high, was "wild"')
    expect(problems[1]?.problem).toBe('must be at most 1, was 20')
    expect(problems[4]?.problem).toBe('must be a number, was null')
    expect(problems[2]?.problem).toContain('was 120%')
    expect(problems[3]?.problem).toContain('is no preference')
  })

  it('never throws and never lets a value outside the contract through, whatever is sent', () => {
    const anyPatch = fc.dictionary(fc.oneof(fc.constantFrom(...preferences.keyof().options), fc.string()), fc.jsonValue())
    fc.assert(
      fc.property(anyPatch, (patch) => {
        // fast-check types JSON values as unknown.
        const result = parsePreferencesChange(patch as Parameters<typeof parsePreferencesChange>[0])
        if (result.ok) expect(preferences.safeParse({ ...defaultPreferences, ...result.change }).success).toBe(true)
        else expect(result.problems.length).toBeGreaterThan(0)
      }),
    )
  })

  it('names what has another value afterwards', () => {
    expect(changedPreferences(defaultPreferences, { trading_style: 'balanced', min_hold_minutes: 5 })).toEqual(['min_hold_minutes'])
  })
})
