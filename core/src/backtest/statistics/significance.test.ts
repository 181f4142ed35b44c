import { describe, expect, it } from 'vitest'
import { significance } from '../../contract/backtest-studies.ts'
import { seededRandom } from '../../market/seeded-random.ts'
import { deflatedSharpe } from './deflated-sharpe.ts'
import { type SignificanceInput, significanceOf } from './significance.ts'

const dayMs = 86_400_000
const { gaussian } = seededRandom(3, 'test')
const returns = Array.from({ length: 365 }, (_, day) => 0.002 + 0.02 * gaussian(0, day))
const input: SignificanceInput = { returns, periodMs: dayMs, benchmarkReturns: null, trialSharpes: [1.5], randomEntry: null, seed: 1 }

describe('significance', () => {
  it('is what the contract asks for', () => {
    const randomEntry = { runs: 10, mean_return_pct: 1, p_value: 0.5 }
    const found = significanceOf({ ...input, benchmarkReturns: returns.map(() => 0), trialSharpes: [1.5, null, 0.3], randomEntry })
    expect(significance.parse(found)).toEqual(found)
    expect(found).toMatchObject({ observations: 365, trials: 3, random_entry: randomEntry, bootstrap: { samples: 2000 } })
  })

  it('of a single trial deflates nothing', () => {
    const { probabilistic_sharpe, deflated_sharpe, expected_max_sharpe, trial_sharpe_variance } = significanceOf(input)
    expect(deflated_sharpe).toBe(probabilistic_sharpe)
    expect([expected_max_sharpe, trial_sharpe_variance]).toEqual([0, null])
  })

  it('takes Sharpe ratios per year to the period of the returns', () => {
    // Per day the ratios 0 and 2 are 0 and 2 / sqrt(365), variance 2 / 365.
    const found = significanceOf({ ...input, trialSharpes: [0, 2] })
    expect(found.trial_sharpe_variance).toBeCloseTo(2 / 365, 12)
    const mean = returns.reduce((sum, value) => sum + value, 0) / 365 - 0.02 / 365
    const deviation = Math.sqrt(returns.reduce((sum, value) => sum + (value - mean - 0.02 / 365) ** 2, 0) / 364)
    const estimate = { sharpe: mean / deviation, observations: 365, skewness: found.skewness ?? 0, kurtosis: found.kurtosis ?? 0 }
    expect(found.deflated_sharpe).toBeCloseTo(deflatedSharpe({ estimate, trials: 2, variance: 2 / 365 }) ?? 0, 10)
    expect(found.deflated_sharpe).toBeLessThan(found.probabilistic_sharpe ?? 0)
  })

  it('leaves open what cannot be said: many trials without a Sharpe ratio, no variation, too few returns', () => {
    const unknown = significanceOf({ ...input, trialSharpes: [1, null, null] })
    expect(unknown).toMatchObject({ trials: 3, trial_sharpe_variance: null, deflated_sharpe: null, expected_max_sharpe: null })
    const flat = significanceOf({ ...input, returns: [0, 0, 0], benchmarkReturns: [0, 0, 0] })
    expect(flat).toMatchObject({ skewness: null, probabilistic_sharpe: null, deflated_sharpe: null, bootstrap: null })
    expect(() => significanceOf({ ...input, benchmarkReturns: [0] })).toThrow('365 returns, but 1 of the benchmark')
  })
})
