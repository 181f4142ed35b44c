import { sum } from '../money/decimal.ts'
import type { WinsAndLosses } from './round-trips.ts'
import { finiteOrNull } from './statistics.ts'

/** Sum of profits / sum of losses. Null where nothing was lost: the ratio would be infinite. */
export function profitFactor({ wins, losses }: WinsAndLosses): number | null {
  const lost = sum(losses).abs()
  return lost.isZero() ? null : finiteOrNull(sum(wins).div(lost).toNumber())
}
