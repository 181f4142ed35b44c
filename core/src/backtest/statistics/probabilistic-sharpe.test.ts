import { describe, expect, it } from 'vitest'
import { probabilisticSharpe } from './probabilistic-sharpe.ts'

/** Two years of monthly returns: the example of Bailey and Lopez de Prado (2012). */
const published = { sharpe: 0.458, observations: 24, threshold: 0 }

describe('the probabilistic Sharpe ratio', () => {
  it('is the published 0.982 where returns are taken for normal, and 0.913 with their skewness and kurtosis', () => {
    expect(probabilisticSharpe({ ...published, skewness: 0, kurtosis: 3 })).toBeCloseTo(0.982, 3)
    expect(probabilisticSharpe({ ...published, skewness: -2.448, kurtosis: 10.164 })).toBeCloseTo(0.913, 3)
  })

  it('is one half at the threshold itself', () => {
    expect(probabilisticSharpe({ ...published, threshold: 0.458, skewness: -1, kurtosis: 5 })).toBe(0.5)
  })

  it('is null of one observation, and where the variance of the estimate would not be positive', () => {
    expect(probabilisticSharpe({ ...published, observations: 1, skewness: 0, kurtosis: 3 })).toBeNull()
    expect(probabilisticSharpe({ ...published, sharpe: 1, skewness: 2, kurtosis: 1 })).toBeNull()
  })
})
