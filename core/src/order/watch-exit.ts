import { zero } from '../money/decimal.ts'
import { closed, unchanged, type MatchStep } from './match-outcome.ts'
import { isActive, isExpired, type OpenOrder } from './open-order.ts'
import type { Quote } from './quote.ts'
import { isTriggered } from './stop.ts'

/** What a tick does to an armed exit: it expires, loses to its sibling, wakes up or goes on waiting. */
export function watchExit({ order, quote, winners }: { order: OpenOrder; quote: Quote; winners: ReadonlyMap<string, string> }): MatchStep {
  const { marketTime } = quote
  if (!isActive(order, marketTime)) return unchanged(order)
  if (isExpired(order, marketTime)) {
    return closed({ order, state: 'ABORTED', reason: `expired at ${order.expiresAt} before it was triggered`, marketTime })
  }
  const winner = order.parentOrderId === null ? undefined : winners.get(order.parentOrderId)
  if (winner !== undefined && winner !== order.orderId) {
    return closed({ order, state: 'CANCELLED', reason: `the other exit ${winner} of the same entry was triggered`, marketTime })
  }
  if (!isTriggered(order, quote.bid)) return unchanged(order)
  return { outcomes: [{ type: 'triggered', order, bid: quote.bid, marketTime }], order, filled: zero }
}

/** Per entry, the exit this tick wakes: the first in the order given, so that of two siblings only one can sell. */
export function exitWinners(orders: readonly OpenOrder[], quote: Quote): ReadonlyMap<string, string> {
  const winners = new Map<string, string>()
  for (const order of orders) {
    const isAwake = order.isArmed && isActive(order, quote.marketTime) && !isExpired(order, quote.marketTime)
    if (order.parentOrderId === null || winners.has(order.parentOrderId)) continue
    if (isAwake && isTriggered(order, quote.bid)) winners.set(order.parentOrderId, order.orderId)
  }
  return winners
}
