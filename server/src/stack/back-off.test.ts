import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { backOffMs } from './back-off.ts'

describe('the back-off', () => {
  it('begins at half a second and doubles', () => {
    expect([1, 2, 3, 4].map((failures) => backOffMs({ failures, random: 0, longestMs: 30_000 }))).toEqual([500, 1000, 2000, 4000])
  })

  it('stays between a quarter of a second and 30 s for any number of failures', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (failures, random) => {
        const wait = backOffMs({ failures, random, longestMs: 30_000 })
        expect(wait).toBeGreaterThanOrEqual(250)
        expect(wait).toBeLessThanOrEqual(30_000)
      }),
    )
  })
})
