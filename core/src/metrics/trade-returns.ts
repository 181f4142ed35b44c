import { finiteOrNull } from './statistics.ts'
import type { RoundTrip } from './round-trips.ts'

/** Net return of each closed trade, realized profit after both fees / cost, as fractions. A trade without cost has none. */
export function tradeReturns(trips: readonly Pick<RoundTrip, 'realizedPnl' | 'cost'>[]): number[] {
  return trips.flatMap(({ realizedPnl, cost }) => {
    const change = cost.isZero() ? null : finiteOrNull(realizedPnl.div(cost).toNumber())
    return change === null ? [] : [change]
  })
}
