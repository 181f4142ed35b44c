import { periodsPerYear, riskFreeRate } from './annualization.ts'
import { finiteOrNull, leastDeviation, mean } from './statistics.ts'

/**
 * Sortino ratio per year: (mean x N - risk-free rate) / (downside deviation x sqrt(N)), with the downside deviation
 * sqrt(mean of min(0, return)^2) over all periods (Sortino and Price 1994, target 0). Null below two returns or without a loss.
 */
export function sortinoRatio({ returns, periodMs }: { returns: readonly number[]; periodMs: number }): number | null {
  const average = mean(returns)
  const squares = mean(returns.map((value) => Math.min(0, value) ** 2))
  if (average === null || squares === null || returns.length < 2 || Math.sqrt(squares) < leastDeviation) return null
  const periods = periodsPerYear(periodMs)
  return finiteOrNull((average * periods - riskFreeRate) / (Math.sqrt(squares) * Math.sqrt(periods)))
}
