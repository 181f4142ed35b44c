import type { BacktestSettings } from '../settings.ts'
import type { Account } from './account.ts'
import type { Book } from './book.ts'
import { askOf, bidOf, lastMinuteNotional } from './quote.ts'
import { floorTo } from './rounding.ts'
import { settleOrder } from './settle-order.ts'
import { workOrder } from './work-order.ts'
import type { WorkingOrder } from './working-order.ts'

/** What matching needs besides the book. */
export interface Matching {
  readonly settings: BacktestSettings
  readonly account: Account
  readonly nextOrderNumber: () => number
}

/** One tick of a candle; it becomes the next one in place. */
export interface KernelTick {
  marketTime: number
  bid: number
  ask: number
  readonly lastMinute: number
  /** Base units that the candle lets all our orders take. */
  readonly capacity: number
}

/**
 * The open orders of a product meet the ticks of its candle, as `core/order/match-tick` does it: open, the nearer extreme, the farther,
 * close. `worst`: the low first where something is held or an exit waits, else the high first.
 */
export function matchCandle(matching: Matching, book: Book, row: number): void {
  const { settings } = matching
  const { columns } = book
  const low = columns.low[row]!
  const high = columns.high[row]!
  const { halfSpread } = settings
  // A hair of room, so that rounding a bid can never let a trigger slip through.
  if (low * (1 - halfSpread) * (1 - 1e-9) > book.quietAbove && high * (1 + halfSpread) * (1 + 1e-9) < book.quietBelow) return

  book.usedVolume = 0
  const open = columns.open[row]!
  const tick: KernelTick = {
    marketTime: columns.start[row]!,
    bid: bidOf(book, open, halfSpread),
    ask: askOf(book, open, halfSpread),
    lastMinute: lastMinuteNotional(book, row),
    capacity: settings.fills === 'reference' ? Infinity : floorTo(columns.volume[row]! * settings.maxParticipation, book.lotsPerUnit),
  }
  matchTick(matching, book, tick)
  if (book.orders.length === 0) return
  const thirdMs = columns.timeframeMs / 3
  // Rounded, so that equally far is equal in doubles too; then the low comes first.
  const isHighNearer = Math.round((high + low - 2 * open) * book.quotesPerUnit) < 0
  const isLowFirst = settings.intrabar === 'path' ? !isHighNearer : hasSomethingToLose(book)
  const path = [isLowFirst ? low : high, isLowFirst ? high : low, columns.close[row]!]
  const offsets = [Math.floor(thirdMs), Math.floor(2 * thirdMs), columns.timeframeMs - 1]
  for (let step = 0; step < path.length && book.orders.length > 0; step += 1) {
    tick.marketTime = columns.start[row]! + offsets[step]!
    tick.bid = bidOf(book, path[step]!, halfSpread)
    tick.ask = askOf(book, path[step]!, halfSpread)
    matchTick(matching, book, tick)
  }
}

function hasSomethingToLose(book: Book): boolean {
  return book.quantity > 0 || book.orders.some((order) => order.isArmed)
}

/**
 * What one tick does to the open orders. First each is matched on its own, then what happened is settled in their order, as the paper
 * venue reports it: fills with their exits, triggers, ends. New exits see the next tick only.
 */
function matchTick(matching: Matching, book: Book, tick: KernelTick): void {
  const { orders } = book
  const present = orders.length
  let isChanged = false
  for (let index = 0; index < present; index += 1) {
    const order = orders[index]!
    if (tick.marketTime < order.activeFrom) continue
    if (order.isArmed) watchExit(orders, index, tick)
    else workOrder(matching, book, order, tick)
    isChanged ||= order.outcome !== null
  }
  if (isChanged) {
    for (let index = 0; index < present; index += 1) settleOrder(matching, book, orders[index]!, tick)
    book.dropOver()
  }
  book.watch()
}

/** Whether a tick wakes an exit. Of the exits of one entry only the first in order can. */
function watchExit(orders: readonly WorkingOrder[], index: number, tick: KernelTick): void {
  const exit = orders[index]!
  if (exit.type === 'trailing_stop') exit.triggerPrice = Math.max(exit.triggerPrice, tick.bid * (1 - exit.trailingStop))
  const isAwake = exit.type === 'take_profit' ? tick.bid >= exit.triggerPrice : tick.bid <= exit.triggerPrice
  if (!isAwake) return
  for (let before = 0; before < index; before += 1) {
    if (orders[before]!.parent === exit.parent && orders[before]!.outcome === 'triggered') return
  }
  exit.outcome = 'triggered'
}
