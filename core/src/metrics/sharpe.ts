import { periodsPerYear, riskFreeRate } from './annualization.ts'
import { finiteOrNull, leastDeviation, mean, standardDeviation } from './statistics.ts'

/**
 * Sharpe ratio per year: (mean x N - risk-free rate) / (sample deviation x sqrt(N)), N periods per year (Sharpe 1994).
 * Null below two returns or without variation.
 */
export function sharpeRatio({ returns, periodMs }: { returns: readonly number[]; periodMs: number }): number | null {
  const average = mean(returns)
  const deviation = standardDeviation(returns)
  if (average === null || deviation === null || deviation < leastDeviation) return null
  const periods = periodsPerYear(periodMs)
  return finiteOrNull((average * periods - riskFreeRate) / (deviation * Math.sqrt(periods)))
}
