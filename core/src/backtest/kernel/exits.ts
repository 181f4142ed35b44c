import type { Book } from './book.ts'
import type { KernelTick, Matching } from './match-candle.ts'
import type { KernelOrderType, WorkingOrder } from './working-order.ts'

// Exits follow their entry as in `core/order/protective-orders` and the ledger: armed by its first fill, for what it has filled.

/** After a fill: a BUY arms or enlarges its exits, a SELL that closed the position ends those that are armed. */
export function armExits(matching: Matching, book: Book, order: WorkingOrder, tick: KernelTick): void {
  if (order.side === 'SELL') {
    if (order.hasClosed) for (const other of book.orders) if (other.isArmed) other.isOver = true
    return
  }
  if (order.protection === null) return
  for (const exit of book.orders) {
    if (exit.isArmed && !exit.isOver && exit.parent === order) exit.quantity = matching.account.sum(exit.quantity + order.lastFill)
  }
  if (order.fillCount === 1 || order.hasOpened) book.orders.push(...newExits(matching, order, tick))
}

function newExits(matching: Matching, entry: WorkingOrder, tick: KernelTick): WorkingOrder[] {
  const { stopPrice = 0, takeProfit = 0, trailingStop = 0 } = entry.protection ?? {}
  const exits: WorkingOrder[] = []
  const add = (type: KernelOrderType, triggerPrice: number): void => {
    exits.push({
      number: matching.nextOrderNumber(),
      side: 'SELL',
      type,
      timeInForce: 'GTC',
      parent: entry,
      protection: null,
      reason: type,
      isArmed: true,
      isOver: false,
      outcome: null,
      fillPrice: 0,
      fillQuantity: 0,
      quantity: entry.lastFill,
      filled: 0,
      fillCount: 0,
      lastFill: 0,
      hasOpened: false,
      hasClosed: false,
      cashFraction: 0,
      limitPrice: 0,
      triggerPrice,
      trailingStop: type === 'trailing_stop' ? trailingStop : 0,
      placedAt: tick.marketTime,
      activeFrom: tick.marketTime + 1,
      expiresAt: Infinity,
      liquidity: null,
      held: 0,
    })
  }
  if (stopPrice > 0) add('stop', stopPrice)
  if (trailingStop > 0) add('trailing_stop', tick.bid * (1 - trailingStop))
  if (takeProfit > 0) add('take_profit', takeProfit)
  return exits
}
