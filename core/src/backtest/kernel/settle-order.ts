import type { Book } from './book.ts'
import { armExits } from './exits.ts'
import type { KernelTick, Matching } from './match-candle.ts'
import type { WorkingOrder } from './working-order.ts'

/** Books what a tick did to an order: its fill and the exits that follow from it, its end, or its waking. Repeated, it does nothing. */
export function settleOrder(matching: Matching, book: Book, order: WorkingOrder, tick: KernelTick): void {
  const { outcome } = order
  order.outcome = null
  if (outcome === null || order.isOver) return
  if (outcome === 'triggered') return wakeExit(matching, book, order, tick)
  if (outcome === 'filled') fill(matching, book, order, tick)
  // A reference fill is whole: it takes all, or all that the cash pays for.
  const isDone = matching.settings.fills === 'reference' ? order.fillCount > 0 : order.filled >= order.quantity
  if (isDone || outcome === 'ended' || order.timeInForce !== 'GTC') matching.account.end(book, order)
}

function fill(matching: Matching, book: Book, order: WorkingOrder, tick: KernelTick): void {
  const { settings, account } = matching
  const price = order.fillPrice
  const quantity = settings.fills === 'reference' ? referenceQuantity(matching, book, order) : order.fillQuantity
  const notional = account.notionalOf(order, quantity, price)
  // Dust that brings nothing after rounding would be given away.
  if (!(notional > 0)) return
  const { execution } = account
  execution.marketTime = tick.marketTime
  execution.quantity = quantity
  execution.price = price
  execution.notional = notional
  execution.fee = account.feeOf(notional, order.liquidity === 'maker' ? settings.makerFee : settings.takerFee)
  account.apply(book, order, execution)
  armExits(matching, book, order, tick)
}

/** A share of the cash there is now, or what is asked for as far as the cash or the position goes. */
function referenceQuantity({ settings, account }: Matching, book: Book, order: WorkingOrder): number {
  const price = order.fillPrice
  if (order.side === 'SELL') return Math.min(order.quantity, book.quantity)
  if (order.cashFraction > 0) return (order.cashFraction * account.cash) / price
  const rate = order.liquidity === 'maker' ? settings.makerFee : settings.takerFee
  return Math.min(order.quantity, account.cash / (price * (1 + rate)))
}

/**
 * An exit woke up: what is left of its entry is cancelled, other sales give way, its siblings end, and it sells at market from the next
 * tick on what is there to sell. With nothing there it ends too.
 */
function wakeExit(matching: Matching, book: Book, exit: WorkingOrder, tick: KernelTick): void {
  const { account } = matching
  const { parent } = exit
  if (parent !== null && !parent.isOver) account.end(book, parent)
  makeRoom(matching, book, exit, tick)
  for (const other of book.orders) if (other !== exit && other.isArmed && other.parent === parent) other.isOver = true
  const quantity = Math.min(exit.quantity, account.sum(book.available))
  exit.isArmed = false
  if (!(quantity > 0)) {
    exit.isOver = true
    return
  }
  exit.quantity = quantity
  exit.held = quantity
  exit.activeFrom = tick.marketTime + 1
  book.held = account.sum(book.held + quantity)
}

/** Sales at will give way to an exit, the newest first, as far as it needs what they hold (`core/order/make-room`). What they sold at this tick stands. */
function makeRoom(matching: Matching, book: Book, exit: WorkingOrder, tick: KernelTick): void {
  const { account } = matching
  for (let index = book.orders.length - 1; index >= 0 && account.sum(book.available) < exit.quantity; index -= 1) {
    const order = book.orders[index]!
    if (order.side !== 'SELL' || order.isArmed || order.isOver || order.parent !== null) continue
    settleOrder(matching, book, order, tick)
    if (!order.isOver) account.end(book, order)
  }
}
