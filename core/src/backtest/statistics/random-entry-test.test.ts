import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../market/seeded-random.ts'
import { placeAtRandom, randomEntryTest } from './random-entry-test.ts'

const ascending = (a: number, b: number): number => a - b

describe('random entry', () => {
  it('keeps the number and the lengths of the trades, inside the candles and without overlap', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 8 }), fc.nat(20), fc.nat(), (lengths, flat, seed) => {
        const rows = lengths.reduce((sum, length) => sum + length, 0) + flat
        const spans = placeAtRandom({ lengths, rows, random: seededRandom(seed, 'test'), run: 0 })
        expect(spans.map(({ from, to }) => to - from).toSorted(ascending)).toEqual(lengths.toSorted(ascending))
        let end = 0
        for (const { from, to } of spans) {
          expect(from).toBeGreaterThanOrEqual(end)
          end = to
        }
        expect(end).toBeLessThanOrEqual(rows)
      }),
    )
  })

  it('reaches every arrangement equally often', () => {
    // One candle and two candles held among two flat ones: 2 orders x 6 pairs of places.
    const counts = new Map<string, number>()
    for (let run = 0; run < 12_000; run += 1) {
      const spans = placeAtRandom({ lengths: [1, 2], rows: 5, random: seededRandom(9, 'test'), run })
      const key = spans.map(({ from, to }) => `${from}-${to}`).join(' ')
      counts.set(key, (counts.get(key) ?? 0) + 1)
    }
    expect(counts.size).toBe(12)
    expect(Math.min(...counts.values())).toBeGreaterThan(850)
    expect(Math.max(...counts.values())).toBeLessThan(1150)
  })

  it('finds the best of four candles by chance one time in four, as worked by hand', () => {
    const returns = [0.1, 0, -0.05, 0]
    const test = randomEntryTest({ returns, held: [{ from: 0, to: 1 }], costPerTrade: 0, seed: 1, runs: 8000 })
    expect(test?.p_value).toBeCloseTo(0.25, 1)
    expect(Math.abs((test?.p_value ?? 0) - 0.25)).toBeLessThan(0.02)
    // Mean of the four: 1.25 %.
    expect(Math.abs((test?.mean_return_pct ?? 0) - 1.25)).toBeLessThan(0.2)
  })

  it('holding all the time is no timing: p is 1, and the mean is the return less its cost', () => {
    const test = randomEntryTest({ returns: [0.1, -0.05], held: [{ from: 0, to: 2 }], costPerTrade: 0.01, seed: 1, runs: 50 })
    expect(test?.p_value).toBe(1)
    expect(test?.mean_return_pct).toBeCloseTo((1.1 * 0.95 * 0.99 - 1) * 100, 10)
  })

  it('is the same for the same seed, null without a trade, and refuses spans out of order', () => {
    const options = { returns: [0.1, -0.1, 0.02, 0.03], held: [{ from: 1, to: 3 }], costPerTrade: 0.01, runs: 20 }
    expect(randomEntryTest({ ...options, seed: 3 })).toEqual(randomEntryTest({ ...options, seed: 3 }))
    expect(randomEntryTest({ ...options, held: [], seed: 3 })).toBeNull()
    expect(() => randomEntryTest({ ...options, held: [{ from: 3, to: 5 }], seed: 3 })).toThrow(
      'held span 3 to 5 is out of order or outside',
    )
  })
})
