import type { BacktestSettings } from '../settings.ts'
import type { Book } from './book.ts'
import type { KernelTick, Matching } from './match-candle.ts'
import { impactOf, takerPrice } from './quote.ts'
import type { WorkingOrder } from './working-order.ts'

/** What a tick does to a working order (`core/order/work-order`): it expires, fills in whole or in part, ends by its time in force, or rests. */
export function workOrder({ settings, account }: Matching, book: Book, order: WorkingOrder, tick: KernelTick): void {
  if (tick.marketTime >= order.expiresAt) {
    order.outcome = 'ended'
    return
  }
  const price = offer(settings, order, tick)
  const quantity = price === 0 ? 0 : fillable({ settings, account }, book, order, tick)
  if (quantity > 0) {
    book.usedVolume = account.sum(book.usedVolume + quantity)
    order.outcome = 'filled'
    order.fillPrice = price
    order.fillQuantity = quantity
  } else if (order.timeInForce !== 'GTC') order.outcome = 'ended'
}

/** The price that a tick offers an order, 0 while its limit is out of reach (`core/order/fill-offer`). */
function offer(settings: BacktestSettings, order: WorkingOrder, tick: KernelTick): number {
  const isBuy = order.side === 'BUY'
  const touch = isBuy ? tick.ask : tick.bid
  const isReached = isBuy ? touch <= order.limitPrice : touch >= order.limitPrice
  order.liquidity ??= isReached ? 'taker' : 'maker'
  if (!isReached) return 0
  if (order.liquidity === 'maker') return order.limitPrice
  const price = takerPrice(settings, isBuy, touch, impactOf(settings, order.quantity * touch, tick.lastMinute))
  return isBuy ? Math.min(price, order.limitPrice) : Math.max(price, order.limitPrice)
}

/** Base units that fill now: what is left of the order and of the candle. A reference fill takes all; its cash is looked at when it is booked. */
function fillable(
  { settings, account }: Pick<Matching, 'settings' | 'account'>,
  book: Book,
  order: WorkingOrder,
  tick: KernelTick,
): number {
  if (settings.fills === 'reference') return order.quantity
  const remaining = account.sum(order.quantity - order.filled)
  // Both are whole increments, so their difference is: rounded, the doubles' noise cannot cost one.
  const available = Math.max(0, account.sum(tick.capacity - book.usedVolume))
  if (order.timeInForce === 'FOK' && available < remaining) return 0
  return Math.min(remaining, available)
}
