import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { normalCdf, normalQuantile } from './normal-distribution.ts'

describe('the normal distribution', () => {
  it('has the probabilities of the printed tables', () => {
    expect(normalCdf(0)).toBe(0.5)
    expect(normalCdf(1)).toBeCloseTo(0.8413447460685429, 14)
    expect(normalCdf(-1.959963984540054)).toBeCloseTo(0.025, 14)
    expect(normalCdf(4)).toBeCloseTo(0.9999683287581669, 14)
    expect([normalCdf(-9), normalCdf(9), normalCdf(Infinity)]).toEqual([0, 1, 1])
  })

  it('has the quantiles of the printed tables', () => {
    expect(normalQuantile(0.5)).toBeCloseTo(0, 12)
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 12)
    expect(normalQuantile(0.99)).toBeCloseTo(2.3263478740408408, 12)
    expect(() => normalQuantile(1)).toThrow('probability must be between 0 and 1, was 1')
  })

  it('reads its own quantiles back, and is symmetric', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true }), (p) => {
        expect(normalCdf(normalQuantile(p))).toBeCloseTo(p, 12)
        expect(normalQuantile(p)).toBeCloseTo(-normalQuantile(1 - p), 6)
      }),
    )
  })
})
