import type { Book } from './book.ts'
import type { KernelTick, Matching } from './match-candle.ts'
import type { KernelOrderType, WorkingOrder } from './working-order.ts'

// Exits follow their entry as in `core/order/protective-orders` and the ledger: armed by its first fill, for what it has filled.

/** After a tick, for an order it filled: a BUY arms or enlarges its exits, a SELL that closed the position ends those that are armed. */
export function armExits(matching: Matching, book: Book, order: WorkingOrder, tick: KernelTick): void {
  if (order.lastFill === 0) return
  if (order.side === 'SELL') {
    if (book.quantity === 0) for (const other of book.orders) if (other.isArmed) other.isOver = true
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
      quantity: entry.lastFill,
      filled: 0,
      fillCount: 0,
      lastFill: 0,
      hasOpened: false,
      cashFraction: 0,
      limitPrice: 0,
      triggerPrice,
      trailingStop: type === 'trailing_stop' ? trailingStop : 0,
      activeFrom: tick.marketTime + 1,
      liquidity: null,
      held: 0,
    })
  }
  if (stopPrice > 0) add('stop', stopPrice)
  if (trailingStop > 0) add('trailing_stop', tick.bid * (1 - trailingStop))
  if (takeProfit > 0) add('take_profit', takeProfit)
  return exits
}

/** A trailing stop rises with the bid and never falls. */
export function trail(order: WorkingOrder, bid: number): void {
  if (order.type === 'trailing_stop') order.triggerPrice = Math.max(order.triggerPrice, bid * (1 - order.trailingStop))
}

/**
 * Exits woke up: what is left of their entry is cancelled, their siblings end, and they sell at market from the next tick on what is
 * there to sell. With nothing there they end too.
 */
export function settleTriggers({ account }: Matching, book: Book, triggered: readonly WorkingOrder[], tick: KernelTick): void {
  for (const exit of triggered) {
    if (exit.isOver) continue
    const { parent } = exit
    if (parent !== null && !parent.isOver) account.end(book, parent)
    for (const other of book.orders) if (other !== exit && other.isArmed && other.parent === parent) other.isOver = true
    const quantity = Math.min(exit.quantity, account.sum(book.available))
    if (!(quantity > 0)) {
      exit.isOver = true
      continue
    }
    exit.isArmed = false
    exit.quantity = quantity
    exit.held = quantity
    exit.activeFrom = tick.marketTime + 1
    book.held = account.sum(book.held + quantity)
  }
}
