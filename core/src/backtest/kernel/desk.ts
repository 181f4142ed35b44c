import type { RunBlock } from '../run.ts'
import type { BacktestSettings } from '../settings.ts'
import type { OrderWish, Wish } from '../strategy.ts'
import type { Account } from './account.ts'
import type { Book } from './book.ts'
import type { DeniedReason } from '../../risk/denied-reason.ts'
import { type CheckInput, checkWish, riskOf } from './check-wish.ts'
import { describeRefusal } from './describe-refusal.ts'
import { countBlock, dayMs, newDay, type DayTally } from './day-tally.ts'
import { intentTtlMs } from '../../order/expiry.ts'
import { SizedWish } from './size-wish.ts'
import { wishProblem } from './wish-problem.ts'
import type { WorkingOrder } from './working-order.ts'

/** Blocks whose sentence is kept; all are counted. */
const mostBlocks = 10_000

/** Where wishes become orders: each is sized, judged by risk and put on its product's book, or counted as a block. */
export class Desk {
  readonly days: DayTally[] = []
  readonly blocks: RunBlock[] = []
  blockCount = 0
  readonly #settings: BacktestSettings
  readonly #account: Account
  readonly #books: readonly Book[]
  readonly #sized: SizedWish
  readonly #check: CheckInput
  #orders = 0

  constructor({ settings, account, books }: { settings: BacktestSettings; account: Account; books: readonly Book[] }) {
    this.#settings = settings
    this.#account = account
    this.#books = books
    this.#sized = new SizedWish(settings, account)
    const [book] = books
    if (book === undefined) throw new Error('a backtest needs at least one product')
    this.#check = { settings, account, books, sized: this.#sized, book, day: newDay(0, 0), risk: 0.5, equity: 0.5, now: 0.5 }
  }

  readonly nextOrderNumber = (): number => {
    this.#orders += 1
    return this.#orders
  }

  /** A day starts with the equity marked last before it, or right at midnight. Answers when it ends, ms. */
  openDay({ now, equity, equityBefore }: { now: number; equity: number; equityBefore: number }): number {
    const day = now - (now % dayMs)
    this.#check.day = newDay(day, now === day ? equity : equityBefore)
    this.days.push(this.#check.day)
    return day + dayMs
  }

  /** `instant` holds the market time and the equity. */
  place(wishes: readonly Wish[], instant: Float64Array): void {
    this.#check.now = instant[0]!
    this.#check.equity = instant[1]!
    for (const wish of wishes) {
      const book = this.#bookOf(wish.product)
      if (wish.action === 'cancel') this.#cancel(book, wish.exits ?? false)
      else this.#order(book, wish)
    }
  }

  #bookOf(product: string): Book {
    for (const book of this.#books) if (book.id === product) return book
    throw new Error(`it wished for ${product}, which is not traded here: ${this.#books.map(({ id }) => id).join(', ')}`)
  }

  #cancel(book: Book, exits: boolean): void {
    for (const order of book.orders) {
      if (order.isArmed) order.isOver = exits
      else if (order.parent === null) this.#account.end(book, order)
    }
    book.dropOver()
    book.watch()
  }

  #order(book: Book, wish: OrderWish): void {
    const problem = wishProblem(wish)
    if (problem !== null) throw new Error(problem)
    if (book.lastRow < 0) return this.#block(wish, { reason: 'MISSING_MARKET_DATA', detail: `no price of ${book.id}` })
    const { limits } = this.#settings
    if (limits !== null && !book.hasNewCandle && this.#ageOf(book) > 2 * this.#settings.timeframeMs) {
      return this.#block(wish, { reason: 'STALE_MARKET_DATA', detail: `the last price of ${book.id} is ${this.#ageOf(book) / 1000} s old` })
    }
    const check = this.#check
    this.#sized.take(book, wish)
    check.book = book
    check.risk = limits === null ? 0 : riskOf(book, this.#sized, limits)
    const reason = checkWish(check)
    if (reason === null) this.#accept(book, wish.reason)
    else this.#block(wish, { reason, detail: this.blocks.length < mostBlocks ? describeRefusal(reason, check) : '' })
  }

  /** Age of a product's last price, ms. */
  #ageOf(book: Book): number {
    return this.#check.now - (book.columns.start[book.lastRow]! + this.#settings.timeframeMs - 1)
  }

  #block(wish: OrderWish, { reason, detail }: { reason: DeniedReason; detail: string }): void {
    this.blockCount += 1
    countBlock(this.#check.day, reason)
    if (this.blocks.length >= mostBlocks) return
    const type = wish.limitPrice === undefined ? 'market' : 'limit'
    const notional = reason.endsWith('MARKET_DATA') ? 0 : this.#sized.notional
    this.blocks.push({ marketTime: this.#check.now, product: wish.product, side: wish.side, type, notional, reason, detail })
  }

  #accept(book: Book, reason: string): void {
    const [sized, account, { day, risk }] = [this.#sized, this.#account, this.#check]
    day.orders += 1
    day.riskUsed += risk
    // A reference fill of a share of the cash is sized when it happens, so it holds nothing before.
    const order = this.#newOrder(reason, sized.cashFraction > 0 ? 0 : sized.hold)
    if (sized.isEntry) account.held = account.sum(account.held + order.held)
    else book.held = account.sum(book.held + order.held)
    book.orders.push(order)
    book.quietAbove = Infinity
    const { limits } = this.#settings
    if (sized.isEntry && limits !== null) book.rememberEntry(order, limits)
  }

  #newOrder(reason: string, held: number): WorkingOrder {
    const sized = this.#sized
    const { isEntry, stopPrice, takeProfit, trailingStop } = sized
    const { latencyMs, timeframeMs, fills } = this.#settings
    const { now: placedAt } = this.#check
    // What takes the market's price at once lives for a candle, as in a replay; after a gap its price would be one that nobody meant.
    const isMarketable = sized.type === 'market' || sized.timeInForce !== 'GTC'
    this.#orders += 1
    return {
      number: this.#orders,
      side: isEntry ? 'BUY' : 'SELL',
      type: sized.type,
      timeInForce: sized.timeInForce,
      parent: null,
      protection: isEntry && stopPrice + takeProfit + trailingStop > 0 ? { stopPrice, takeProfit, trailingStop } : null,
      reason,
      isArmed: false,
      isOver: false,
      outcome: null,
      fillPrice: 0,
      fillQuantity: 0,
      quantity: sized.quantity,
      filled: 0,
      fillCount: 0,
      lastFill: 0,
      hasOpened: false,
      hasClosed: false,
      cashFraction: sized.cashFraction,
      limitPrice: sized.limitPrice,
      triggerPrice: 0,
      trailingStop: 0,
      placedAt,
      activeFrom: placedAt + latencyMs,
      expiresAt: isMarketable && fills === 'honest' ? placedAt + latencyMs + Math.max(intentTtlMs, timeframeMs) : Infinity,
      liquidity: null,
      held,
    }
  }
}
