import { yearMs } from './annualization.ts'
import { finiteOrNull } from './statistics.ts'

const dayMs = 86_400_000

/**
 * Compound return per year: (1 + total return)^(365 days / span) - 1. Null below one day: an hour's gain to the power of
 * 8,760 says nothing about a year.
 */
export function annualizedReturn({ totalReturn, spanMs }: { totalReturn: number | null; spanMs: number }): number | null {
  if (totalReturn === null || !(spanMs >= dayMs)) return null
  if (totalReturn <= -1) return -1
  return finiteOrNull((1 + totalReturn) ** (yearMs / spanMs) - 1)
}
