import { normalCdf } from './normal-distribution.ts'

/** A Sharpe ratio per period (not per year), and what it was estimated from. */
export interface SharpeEstimate {
  readonly sharpe: number
  readonly observations: number
  readonly skewness: number
  /** 3 of a normal distribution. */
  readonly kurtosis: number
}

/**
 * Probability that the true Sharpe ratio is above `threshold` (per period too):
 * cdf((sharpe - threshold) x sqrt(n - 1) / sqrt(1 - skewness x sharpe + (kurtosis - 1) / 4 x sharpe^2))
 * (Bailey and Lopez de Prado 2012, "The Sharpe ratio efficient frontier"). Null below two observations, or where the
 * estimate's variance comes out as not positive.
 */
export function probabilisticSharpe(estimate: SharpeEstimate & { readonly threshold: number }): number | null {
  const { sharpe, observations, threshold } = estimate
  const variance = 1 - estimate.skewness * sharpe + ((estimate.kurtosis - 1) / 4) * sharpe ** 2
  if (observations < 2 || !(variance > 0)) return null
  return normalCdf(((sharpe - threshold) * Math.sqrt(observations - 1)) / Math.sqrt(variance))
}
