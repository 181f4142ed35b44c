import { standardDeviation } from '../../metrics/statistics.ts'
import { normalQuantile } from './normal-distribution.ts'
import { probabilisticSharpe, type SharpeEstimate } from './probabilistic-sharpe.ts'

const eulerMascheroni = 0.5772156649015329

/** Sample variance of the trials' Sharpe ratios, in the period they are given in; null below two of them. */
export function trialSharpeVariance(sharpes: readonly number[]): number | null {
  const deviation = standardDeviation(sharpes)
  return deviation === null ? null : deviation ** 2
}

/**
 * The best Sharpe ratio to expect of `trials` strategies without any skill: sqrt(variance) x ((1 - g) x quantile(1 - 1/n) +
 * g x quantile(1 - 1/(n e))), g the Euler-Mascheroni constant (Bailey and Lopez de Prado 2014, "The deflated Sharpe ratio").
 * 0 of a single trial.
 */
export function expectedMaxSharpe({ trials, variance }: { readonly trials: number; readonly variance: number }): number {
  if (!(Number.isInteger(trials) && trials >= 1)) throw new Error(`trials must be a whole number from 1, was ${trials}`)
  if (!(variance >= 0)) throw new Error(`variance must not be negative, was ${variance}`)
  if (trials === 1) return 0
  const best = (1 - eulerMascheroni) * normalQuantile(1 - 1 / trials) + eulerMascheroni * normalQuantile(1 - 1 / (trials * Math.E))
  return Math.sqrt(variance) * best
}

/**
 * Deflated Sharpe ratio: the probabilistic one above the best to expect of the trials by chance (the same paper). Sharpe ratios and
 * their variance per period. Null where the probabilistic one is.
 */
export function deflatedSharpe(options: {
  readonly estimate: SharpeEstimate
  readonly trials: number
  readonly variance: number
}): number | null {
  const { estimate, trials, variance } = options
  return probabilisticSharpe({ ...estimate, threshold: expectedMaxSharpe({ trials, variance }) })
}
