import { describe, expect, it } from 'vitest'
import { fuzzFeed } from './feed-fuzz.ts'

describe('100,000 fuzzed messages of the market feed', () => {
  it('crash nothing, price nothing they must not, and every loss among them is told', async () => {
    const outcome = await fuzzFeed({ seed: 11, messages: 100_000 })
    expect(outcome.violations).toEqual([])
    expect(outcome.good).toBeGreaterThan(20_000)
    expect(outcome.gaps).toBeGreaterThan(2000)
    expect(outcome.malformed).toBeGreaterThan(2000)
    expect(Object.keys(outcome.quarantined)).toEqual(
      expect.arrayContaining(['ABSURD_PRICE', 'CROSSED_QUOTE', 'FUTURE', 'LATE', 'MALFORMED', 'NON_POSITIVE_PRICE', 'UNKNOWN_PRODUCT']),
    )
  })
})
