import type { BacktestRun, RunHooks, RunProgress } from '../run.ts'
import type { BacktestSettings } from '../settings.ts'
import { noWish, type OrderStrategy, type Strategy, type Wish } from '../strategy.ts'
import { StrategyError } from '../strategy-error.ts'
import { Account } from './account.ts'
import { Book } from './book.ts'
import type { Columns } from '../columns.ts'
import { Desk } from './desk.ts'
import { FillLog } from './fill-log.ts'
import { KernelView } from './kernel-view.ts'
import { matchCandle, type Matching } from './match-candle.ts'
import { floor8 } from './rounding.ts'
import { timelineOf, type Timeline } from './timeline.ts'

const hookEvery = 65_536

/** Places in the array of what every instant changes: doubles in an array are not boxed. `desk` and the view read the first two. */
const at = { now: 0, equity: 1, peak: 2, drawdown: 3, dayEnd: 4 } as const

export interface LoopOptions {
  readonly settings: BacktestSettings
  readonly columns: readonly Columns[]
  readonly strategy: Strategy
  readonly hooks: RunHooks
}

/** The full event path: every instant in order, every product's candle, orders, marks, then the strategy. */
export function eventLoop({ settings, columns, strategy, hooks }: LoopOptions): BacktestRun {
  const fills = new FillLog(columns.map(({ product }) => product))
  const account = new Account({ cash: settings.initialCash, isRounded: settings.fills === 'honest', fills })
  const books = columns.map(
    (each, index) => new Book({ index, columns: each, settings, rule: strategy.kind === 'signals' ? strategy.rule(each.product) : null }),
  )
  const desk = new Desk({ settings, account, books })
  allocate(books, settings)
  const instant = new Float64Array(Object.keys(at).length)
  const parts: RunParts = {
    settings,
    account,
    books,
    desk,
    view: new KernelView({ books, account, instant }),
    instant,
    strategy: strategy.kind === 'signals' ? signalWishes(books, strategy.cashFraction) : strategy,
    timeline: timelineOf(columns, settings.from),
    initialEquity: account.sum(books.reduce((total, book) => total + book.marketValue, account.cash)),
    initialPositions: books.map(({ id, quantity, costBasis }) => ({ product: id, quantity, cost: costBasis })),
    hooks,
  }
  try {
    warmUp(parts)
    return resultOf(parts, trade(parts))
  } catch (error) {
    throw new StrategyError(instant[at.now]!, error)
  }
}

/** What is held before the first candle, at its first traded open. */
function allocate(books: readonly Book[], settings: BacktestSettings): void {
  for (const book of books) {
    const worth = settings.allocations[book.id] ?? 0
    const row = book.columns.start.findIndex((start) => start >= settings.from)
    if (worth <= 0 || row < 0) continue
    const quantity = worth / book.columns.open[row]!
    book.quantity = settings.fills === 'honest' ? Math.floor(quantity * book.lotsPerUnit) / book.lotsPerUnit : quantity
    const cost = book.quantity * book.columns.open[row]!
    book.costBasis = settings.fills === 'honest' ? floor8(cost) : cost
    book.marketValue = book.costBasis
    book.enteredAt = settings.from
  }
}

/** Signals as orders: one entry when flat and nothing is under way; a leave goes on, candle by candle, until all is sold. */
function signalWishes(books: readonly Book[], cashFraction: number): OrderStrategy {
  const enter = books.map(({ id: product }): Wish[] => [{ action: 'order', product, side: 'BUY', cashFraction, reason: 'signal' }])
  const leave = books.map(({ id: product }): Wish[] => [{ action: 'order', product, side: 'SELL', all: true, reason: 'signal' }])
  const isLeaving = books.map(() => false)
  return {
    kind: 'orders',
    warmUp: 0,
    observe: () => {
      for (const book of books) if (book.hasNewCandle) book.signal = book.rule!.next(book.view)
    },
    onBar: () => {
      let wishes = noWish
      for (const book of books) {
        const { index, signal } = book
        if (!book.hasNewCandle || (signal === 0 && !isLeaving[index])) continue
        if (signal !== 0) isLeaving[index] = signal < 0
        if (book.quantity === 0) isLeaving[index] = false
        const isEntering = signal > 0 && book.quantity === 0 && book.orders.length === 0
        const wish = isEntering ? enter[index]! : isLeaving[index] && book.available > 0 ? leave[index]! : noWish
        if (wish !== noWish) wishes = wishes === noWish ? wish : [...wishes, ...wish]
      }
      return wishes
    },
  }
}

interface RunParts {
  readonly settings: BacktestSettings
  readonly account: Account
  readonly books: readonly Book[]
  readonly desk: Desk
  readonly view: KernelView
  readonly instant: Float64Array
  readonly strategy: OrderStrategy
  readonly timeline: Timeline
  readonly initialEquity: number
  readonly initialPositions: BacktestRun['initialPositions']
  readonly hooks: RunHooks
}

/** The instants before the run trades: rules see their candles, nothing is wished. */
function warmUp({ books, timeline, instant, settings, strategy, view, initialEquity }: RunParts): void {
  for (let index = 0; index < timeline.warmUp; index += 1) {
    for (const book of books) book.closeCandleAt(timeline.starts, index)
    instant[0] = timeline.starts[index]! + settings.timeframeMs
    instant[1] = initialEquity
    strategy.observe?.(view)
  }
}

/** What the traded instants leave behind, besides books, account and desk. */
interface Traded {
  readonly starts: Float64Array
  readonly equity: Float64Array
  readonly maxDrawdown: number
}

function trade(parts: RunParts): Traded {
  const { timeline, hooks, instant, account, initialEquity } = parts
  const starts = timeline.starts.subarray(timeline.warmUp)
  const equity = new Float64Array(starts.length)
  const matching = { settings: parts.settings, account, nextOrderNumber: parts.desk.nextOrderNumber }
  const loop: Loop = { ...parts, matching, starts, equity, hasEnough: parts.strategy.warmUp <= 1 }
  instant[at.equity] = initialEquity
  instant[at.peak] = initialEquity
  let done = 0
  while (done < starts.length) {
    passInstant(loop, done)
    done += 1
    if (done % hookEvery !== 0) continue
    const progress = { done, total: starts.length, marketTime: instant[at.now]!, equity: instant[at.equity]!, fills: account.fills.length }
    if (isStopped(hooks, progress)) break
  }
  return { starts: starts.subarray(0, done), equity: equity.subarray(0, done), maxDrawdown: instant[at.drawdown]! }
}

interface Loop extends RunParts {
  readonly matching: Matching
  readonly starts: Float64Array
  readonly equity: Float64Array
  hasEnough: boolean
}

/** One instant: candles close, orders meet them, equity is marked, the strategy is asked. A function of its own, so that it is compiled as one. */
function passInstant(loop: Loop, index: number): void {
  const { books, account, instant, starts, strategy, view, settings } = loop
  const now = starts[index]! + settings.timeframeMs
  let value = 0
  for (let place = 0; place < books.length; place += 1) {
    const book = books[place]!
    if (book.closeCandleAt(starts, index)) passCandle(loop.matching, book)
    value += book.marketValue
  }
  const worth = account.cash + value
  loop.equity[index] = worth
  const peak = instant[at.peak]!
  if (worth > peak) instant[at.peak] = worth
  else if (peak - worth > instant[at.drawdown]! * peak) instant[at.drawdown] = (peak - worth) / peak
  if (now >= instant[at.dayEnd]!) instant[at.dayEnd] = loop.desk.openDay({ now, equity: worth, equityBefore: instant[at.equity]! })
  instant[at.now] = now
  instant[at.equity] = worth
  strategy.observe?.(view)
  if (!loop.hasEnough) loop.hasEnough = books.every((book) => book.lastRow + 1 >= strategy.warmUp)
  if (settings.flattenDaily && now + settings.timeframeMs >= instant[at.dayEnd]!) return flatten(loop)
  if (!loop.hasEnough) return
  const wishes = strategy.onBar(view)
  if (wishes.length > 0) loop.desk.place(wishes, instant)
}

/** One product's candle: open orders meet it, then what is held is valued at its close. */
function passCandle(matching: Matching, book: Book): void {
  if (book.orders.length > 0) matchCandle(matching, book, book.lastRow)
  if (book.quantity > 0) book.marketValue = book.quantity * book.columns.close[book.lastRow]!
  else book.marketValue = 0
}

function isStopped(hooks: RunHooks, progress: RunProgress): boolean {
  hooks.onProgress?.(progress)
  return hooks.shouldStop?.() === true
}

/** Before the day's last candle: no entry stays open, and all that is held is sold at that candle's open. */
function flatten({ books, desk, instant }: RunParts): void {
  for (const { id: product, available } of books) {
    desk.place([{ action: 'cancel', product }], instant)
    if (available <= 0) continue
    desk.place([{ action: 'order', product, side: 'SELL', all: true, timeInForce: 'GTC', reason: 'flatten_daily' }], instant)
  }
}

function resultOf({ account, books, desk, timeline, settings, initialEquity, initialPositions }: RunParts, traded: Traded): BacktestRun {
  for (const book of books) if (account.isRounded) book.marketValue = floor8(book.marketValue)
  const finalEquity = account.sum(books.reduce((total, book) => total + book.marketValue, account.cash))
  return {
    ...traded,
    equityAt: (instant) => traded.equity[instant] ?? Number.NaN,
    timeframeMs: settings.timeframeMs,
    warmUpInstants: timeline.warmUp,
    bars: timeline.bars,
    initialEquity,
    initialPositions,
    finalEquity,
    cash: account.cash,
    fees: account.fees,
    fills: account.fills,
    days: desk.days,
    blocks: desk.blocks,
    blockCount: desk.blockCount,
    positions: books.map(({ id, quantity, costBasis, entryFees, realizedPnl, marketValue }) => ({
      product: id,
      quantity,
      costBasis,
      entryFees,
      realizedPnl,
      marketValue,
    })),
    openOrders: books.reduce((total, book) => total + book.orders.filter((order) => !order.isArmed).length, 0),
  }
}
