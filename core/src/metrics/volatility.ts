import { periodsPerYear } from './annualization.ts'
import { finiteOrNull, standardDeviation } from './statistics.ts'

/** Standard deviation of the period returns x sqrt(periods per year), a fraction per year. Null below two returns. */
export function volatility({ returns, periodMs }: { returns: readonly number[]; periodMs: number }): number | null {
  const deviation = standardDeviation(returns)
  return deviation === null ? null : finiteOrNull(deviation * Math.sqrt(periodsPerYear(periodMs)))
}
