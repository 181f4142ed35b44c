import type { WinsAndLosses } from './round-trips.ts'

/** Closed trades with a profit / all closed trades, a fraction. Null without trades. */
export function winRate({ wins, losses }: WinsAndLosses): number | null {
  const trades = wins.length + losses.length
  return trades === 0 ? null : wins.length / trades
}
