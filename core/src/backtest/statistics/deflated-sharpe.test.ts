import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deflatedSharpe, expectedMaxSharpe, trialSharpeVariance } from './deflated-sharpe.ts'
import { probabilisticSharpe } from './probabilistic-sharpe.ts'

/**
 * The numerical example of Bailey and Lopez de Prado (2014): an annual Sharpe ratio of 2.5 over 1,250 daily returns, 250 a year, found
 * by 100 trials whose annual Sharpe ratios have a variance of 1/2.
 */
const variance = 0.5 / 250
const estimate = { sharpe: 2.5 / Math.sqrt(250), observations: 1250, skewness: -3, kurtosis: 10 }
const normal = { ...estimate, skewness: 0, kurtosis: 3 }

describe('the deflated Sharpe ratio', () => {
  it('expects the published 0.1132 a day of the best of 100 trials', () => {
    expect(expectedMaxSharpe({ trials: 100, variance })).toBeCloseTo(0.1132, 4)
  })

  it('is the published 0.9004 of 100 trials and 0.9505 of 46', () => {
    expect(deflatedSharpe({ estimate, trials: 100, variance })).toBeCloseTo(0.9004, 4)
    expect(deflatedSharpe({ estimate, trials: 46, variance })).toBeCloseTo(0.9505, 4)
  })

  it('is the published 0.9505 of 88 trials where the returns are normal', () => {
    expect(deflatedSharpe({ estimate: normal, trials: 88, variance })).toBeCloseTo(0.9505, 4)
  })

  it('is the probabilistic one above 0 where one thing was tried, and falls with every further trial', () => {
    expect(deflatedSharpe({ estimate, trials: 1, variance })).toBe(probabilisticSharpe({ ...estimate, threshold: 0 }))
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), (trials) => {
        expect(expectedMaxSharpe({ trials: trials + 1, variance })).toBeGreaterThan(expectedMaxSharpe({ trials, variance }))
      }),
    )
  })

  it('takes the sample variance of the trials', () => {
    expect(trialSharpeVariance([1, 2, 3])).toBeCloseTo(1, 12)
    expect(trialSharpeVariance([1])).toBeNull()
    expect(() => expectedMaxSharpe({ trials: 0, variance })).toThrow('trials must be a whole number from 1, was 0')
  })
})
