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
  const instant = new Float64Array(2)
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
    throw new StrategyError(instant[0]!, error)
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
  const { settings, account, books, desk, view, instant, strategy, timeline, hooks } = parts
  const { timeframeMs, flattenDaily } = settings
  const matching = { settings, account, nextOrderNumber: desk.nextOrderNumber }
  const starts = timeline.starts.subarray(timeline.warmUp)
  const equity = new Float64Array(starts.length)
  // Results of arithmetic, so that they are kept as doubles in registers and not as boxed numbers.
  let peak = Math.max(0, parts.initialEquity)
  let before = peak
  let drawdown = 0
  let dayEnd = 0
  let hasEnough = strategy.warmUp <= 1
  let done = 0
  while (done < starts.length) {
    const now = starts[done]! + timeframeMs
    for (let index = 0; index < books.length; index += 1) {
      const book = books[index]!
      if (book.closeCandleAt(starts, done)) passCandle(matching, book)
    }
    let worth = account.cash
    for (let index = 0; index < books.length; index += 1) worth += books[index]!.marketValue
    equity[done] = worth
    if (worth > peak) peak = worth
    else if (peak - worth > drawdown * peak) drawdown = (peak - worth) / peak
    if (now >= dayEnd) dayEnd = desk.openDay({ now, equity: worth, equityBefore: before })
    before = worth
    instant[0] = now
    instant[1] = worth
    strategy.observe?.(view)
    hasEnough ||= books.every((book) => book.lastRow + 1 >= strategy.warmUp)
    if (flattenDaily && now + timeframeMs >= dayEnd) flatten(parts)
    else if (hasEnough) {
      const wishes = strategy.onBar(view)
      if (wishes.length > 0) desk.place(wishes, instant)
    }
    done += 1
    if (
      done % hookEvery === 0 &&
      isStopped(hooks, { done, total: starts.length, marketTime: now, equity: worth, fills: account.fills.length })
    )
      break
  }
  return { starts: starts.subarray(0, done), equity: equity.subarray(0, done), maxDrawdown: drawdown }
}

/** One product's candle: open orders meet it, then what is held is valued at its close. */
function passCandle(matching: Matching, book: Book): void {
  if (book.orders.length > 0) matchCandle(matching, book, book.lastRow)
  if (book.quantity > 0) book.marketValue = book.quantity * book.columns.close[book.lastRow]!
  else if (book.marketValue !== 0) book.marketValue = 0
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
