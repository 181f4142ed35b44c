import { type Decimal, sum } from '../money/decimal.ts'
import type { WinsAndLosses } from './round-trips.ts'

/** Mean result of a closed trade in quote currency, = win rate x average win + loss rate x average loss. Null without trades. */
export function expectancy({ wins, losses }: WinsAndLosses): Decimal | null {
  const trades = wins.length + losses.length
  return trades === 0 ? null : sum([...wins, ...losses]).div(trades)
}
