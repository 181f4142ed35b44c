import { finiteOrNull } from './statistics.ts'

/** Calmar ratio: annualized return / maximum drawdown (Young 1991). Null without either, or without a drawdown. */
export function calmarRatio(options: { annualizedReturn: number | null; maxDrawdown: number | null }): number | null {
  const { annualizedReturn, maxDrawdown } = options
  if (annualizedReturn === null || maxDrawdown === null || maxDrawdown <= 0) return null
  return finiteOrNull(annualizedReturn / maxDrawdown)
}
