import { describe, expect, it } from 'vitest'
import { murmur3, seededRandom } from './seeded-random.ts'

describe('seeded random numbers', () => {
  it('are those of the published test vectors of MurmurHash3', () => {
    expect(murmur3(0, [])).toBe(0)
    expect(murmur3(1, [])).toBe(0x514e28b7)
    expect(murmur3(0xffffffff, [])).toBe(0x81f16f39)
    expect(murmur3(0, [0xffffffff])).toBe(0x76293b50)
    expect(murmur3(0, [0x87654321])).toBe(0xf55b516b)
    expect(murmur3(0x5082edee, [0x87654321])).toBe(0x2362f9de)
    expect(murmur3(0, [0])).toBe(0x2362f9de)
  })

  it('depend on seed, purpose, stream, place and detail', () => {
    const draws = [
      seededRandom(1, 'a').uniform(1, 1, 1),
      seededRandom(2, 'a').uniform(1, 1, 1),
      seededRandom(2 ** 33 + 1, 'a').uniform(1, 1, 1),
      seededRandom(1, 'b').uniform(1, 1, 1),
      seededRandom(1, 'a').uniform(2, 1, 1),
      seededRandom(1, 'a').uniform(1, 2, 1),
      seededRandom(1, 'a').uniform(1, 1, 2),
    ]
    expect(new Set(draws).size).toBe(draws.length)
  })

  it('have the mean and variance they promise', () => {
    const random = seededRandom(42, 'test')
    const moments = (values: number[]) => {
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length
      return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length }
    }
    const places = Array.from({ length: 100_000 }, (_, index) => index)
    const gaussian = moments(places.map((place) => random.gaussian(1, place)))
    const uniform = moments(places.map((place) => random.uniform(1, place)))
    expect(gaussian.mean).toBeCloseTo(0, 1)
    expect(gaussian.variance).toBeCloseTo(1, 1)
    expect(uniform.mean).toBeCloseTo(0.5, 2)
    expect(uniform.variance).toBeCloseTo(1 / 12, 2)
  })
})
