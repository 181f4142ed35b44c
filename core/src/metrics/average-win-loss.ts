import { type Decimal, sum } from '../money/decimal.ts'
import type { WinsAndLosses } from './round-trips.ts'

/** Mean profit of the winning trades in quote currency; null without any. */
export function averageWin({ wins }: WinsAndLosses): Decimal | null {
  return wins.length === 0 ? null : sum(wins).div(wins.length)
}

/** Mean result of the losing trades in quote currency, zero or negative; null without any. */
export function averageLoss({ losses }: WinsAndLosses): Decimal | null {
  return losses.length === 0 ? null : sum(losses).div(losses.length)
}
