import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../market/seeded-random.ts'
import { rankPValue } from './rank-p-value.ts'
import { bootstrapMean, stationaryIndexes } from './stationary-bootstrap.ts'

function normalReturns({ length, mean, seed }: { length: number; mean: number; seed: number }): number[] {
  const { gaussian } = seededRandom(seed, 'test')
  return Array.from({ length }, (_, place) => mean + 0.01 * gaussian(0, place))
}

describe('the stationary bootstrap', () => {
  it('draws places of the series, block after block, the last followed by the first', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.double({ min: 1, max: 20, noNaN: true }), fc.nat(), (length, meanBlock, seed) => {
        const indexes = stationaryIndexes({ length, meanBlock, seed, sample: 3 })
        expect(indexes).toHaveLength(length)
        expect(indexes.every((index) => Number.isInteger(index) && index >= 0 && index < length)).toBe(true)
        expect(stationaryIndexes({ length, meanBlock, seed, sample: 3 })).toEqual(indexes)
      }),
    )
    const whole = stationaryIndexes({ length: 10, meanBlock: 1e12, seed: 1, sample: 0 })
    expect(whole).toEqual(whole.map((_, place) => ((whole[0] ?? 0) + place) % 10))
  })

  it('makes blocks of the mean length asked for', () => {
    const indexes = stationaryIndexes({ length: 20_000, meanBlock: 8, seed: 5, sample: 0 })
    const starts = indexes.filter((index, place) => place === 0 || index !== ((indexes[place - 1] ?? 0) + 1) % 20_000)
    expect(indexes.length / starts.length).toBeGreaterThan(7.5)
    expect(indexes.length / starts.length).toBeLessThan(8.5)
  })

  it('gives the least possible p-value where every return is the same gain, and 1 where all are 0', () => {
    const gain = bootstrapMean({ excess: Array.from({ length: 25 }, () => 0.01), seed: 1, samples: 99 })
    expect(gain).toMatchObject({ samples: 99, p_value: 1 / 100 })
    expect(gain?.mean_excess_pct).toBeCloseTo(1, 12)
    expect(bootstrapMean({ excess: Array.from({ length: 25 }, () => 0), seed: 1, samples: 99 })?.p_value).toBe(1)
  })

  it('calls noise significant at 5 % about one time in twenty', () => {
    const tests = Array.from({ length: 300 }, (_, seed) =>
      bootstrapMean({ excess: normalReturns({ length: 100, mean: 0, seed }), seed, samples: 200, meanBlock: 1 }),
    )
    const found = tests.filter((test) => (test?.p_value ?? 1) <= 0.05).length
    expect(found).toBeGreaterThan(3)
    expect(found).toBeLessThan(30)
  })

  it('agrees with the normal approximation of independent returns', () => {
    // Mean 0.001 with deviation 0.01 over 400 returns is two standard errors: p = 1 - cdf(2) = 0.023, with the sample's own mean.
    const drawn = normalReturns({ length: 400, mean: 0, seed: 11 })
    const average = drawn.reduce((sum, value) => sum + value, 0) / 400
    const deviation = Math.sqrt(drawn.reduce((sum, value) => sum + (value - average) ** 2, 0) / 400)
    const excess = drawn.map((value) => ((value - average) / deviation) * 0.01 + 0.001)
    const p = bootstrapMean({ excess, seed: 2, samples: 4000, meanBlock: 1 })?.p_value ?? 1
    expect(p).toBeGreaterThan(0.015)
    expect(p).toBeLessThan(0.031)
  })

  it('says nothing about fewer than 20 returns', () => {
    expect(bootstrapMean({ excess: Array.from({ length: 19 }, () => 0.01), seed: 1 })).toBeNull()
  })
})

describe('the p-value of a rank', () => {
  it('counts what was observed as one of the simulated', () => {
    expect(rankPValue({ observed: 3, simulated: [1, 2, 3, 4] })).toBe(3 / 5)
    expect(rankPValue({ observed: 9, simulated: [1, 2, 3, 4] })).toBe(1 / 5)
    expect(rankPValue({ observed: 9, simulated: [] })).toBe(1)
  })
})
