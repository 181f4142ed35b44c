import type { BacktestSettings } from '../settings.ts'
import type { Account } from './account.ts'
import type { Book } from './book.ts'
import { armExits, settleTriggers, trail } from './exits.ts'
import { askOf, bidOf, impactOf, lastMinuteNotional, takerPrice } from './quote.ts'
import { floorTo } from './rounding.ts'
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
    capacity: settings.fills === 'reference' ? Infinity : columns.volume[row]! * settings.maxParticipation,
  }
  matchTick(matching, book, tick)
  if (book.orders.length === 0) return
  const thirdMs = columns.timeframeMs / 3
  const isLowFirst = settings.intrabar === 'path' ? !(high - open < open - low) : hasSomethingToLose(book)
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

/** What one tick does to the open orders: fills first, then what the fills and triggers entail, which sees the next tick only. */
function matchTick(matching: Matching, book: Book, tick: KernelTick): void {
  let triggered: WorkingOrder[] | null = null
  let isOver = false
  let hasFill = false
  const { orders } = book
  const present = orders.length
  for (let index = 0; index < present; index += 1) {
    const order = orders[index]!
    order.lastFill = 0
    if (tick.marketTime < order.activeFrom) continue
    if (order.isArmed) {
      trail(order, tick.bid)
      if (isTriggered(order, tick.bid)) triggered = withFirst(triggered, order)
      continue
    }
    workOrder(matching, book, order, tick)
    hasFill ||= order.lastFill > 0
    isOver ||= order.isOver
  }
  if (hasFill) for (let index = 0; index < present; index += 1) armExits(matching, book, orders[index]!, tick)
  if (triggered !== null) settleTriggers(matching, book, triggered, tick)
  if (isOver || hasFill || triggered !== null) book.dropOver()
  book.watch()
}

/** Of the exits of one entry only the first that wakes counts. */
function withFirst(triggered: WorkingOrder[] | null, order: WorkingOrder): WorkingOrder[] {
  if (triggered === null) return [order]
  return triggered.some((other) => other.parent === order.parent) ? triggered : [...triggered, order]
}

function isTriggered(order: WorkingOrder, bid: number): boolean {
  return order.type === 'take_profit' ? bid >= order.triggerPrice : bid <= order.triggerPrice
}

/** What a tick does to a working order: it fills in whole or in part, is cancelled by its time in force, or rests. */
function workOrder(matching: Matching, book: Book, order: WorkingOrder, tick: KernelTick): void {
  const { account } = matching
  const price = offer(matching.settings, order, tick)
  const quantity = price === null ? 0 : fillable(matching, book, order, tick, price)
  if (price !== null && quantity > 0) fill(matching, book, order, quantity, price, tick.marketTime)
  // A reference fill is whole: it takes all, or all that the cash pays for.
  const isDone = matching.settings.fills === 'reference' ? order.fillCount > 0 : order.filled >= order.quantity
  if (isDone || order.timeInForce !== 'GTC') account.end(book, order)
}

/** The price that a tick offers an order, null while its limit is out of reach (`core/order/fill-offer`). */
function offer(settings: BacktestSettings, order: WorkingOrder, tick: KernelTick): number | null {
  const isBuy = order.side === 'BUY'
  const touch = isBuy ? tick.ask : tick.bid
  const isReached = isBuy ? touch <= order.limitPrice : touch >= order.limitPrice
  order.liquidity ??= isReached ? 'taker' : 'maker'
  if (!isReached) return null
  if (order.liquidity === 'maker') return order.limitPrice
  const price = takerPrice(settings, isBuy, touch, impactOf(settings, order.quantity * touch, tick.lastMinute))
  return isBuy ? Math.min(price, order.limitPrice) : Math.max(price, order.limitPrice)
}

/** Base units that fill now: what is left of the order, of the candle, and with reference fills of the cash. */
function fillable(matching: Matching, book: Book, order: WorkingOrder, tick: KernelTick, price: number): number {
  const { settings, account } = matching
  if (settings.fills === 'reference') return referenceQuantity(matching, book, order, price)
  const remaining = account.sum(order.quantity - order.filled)
  const available = floorTo(Math.max(0, tick.capacity - book.usedVolume), book.lotsPerUnit)
  if (order.timeInForce === 'FOK' && available < remaining) return 0
  return Math.min(remaining, available)
}

function referenceQuantity({ settings, account }: Matching, book: Book, order: WorkingOrder, price: number): number {
  if (order.side === 'SELL') return Math.min(order.quantity - order.filled, book.quantity)
  if (order.cashFraction > 0) return (order.cashFraction * account.cash) / price
  const rate = order.liquidity === 'maker' ? settings.makerFee : settings.takerFee
  return Math.min(order.quantity - order.filled, account.cash / (price * (1 + rate)))
}

function fill({ settings, account }: Matching, book: Book, order: WorkingOrder, quantity: number, price: number, marketTime: number): void {
  const notional = account.notionalOf(order, quantity, price)
  // Dust that brings nothing after rounding would be given away.
  if (!(notional > 0)) return
  const { execution } = account
  execution.marketTime = marketTime
  execution.quantity = quantity
  execution.price = price
  execution.notional = notional
  execution.fee = account.feeOf(notional, order.liquidity === 'maker' ? settings.makerFee : settings.takerFee)
  book.usedVolume += quantity
  account.apply(book, order, execution)
}
