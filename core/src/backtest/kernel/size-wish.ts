import type { TimeInForce } from '../../contract/order.ts'
import { defaultTimeInForce } from '../../order/time-in-force.ts'
import type { BacktestSettings } from '../settings.ts'
import type { OrderWish } from '../strategy.ts'
import type { Account } from './account.ts'
import type { Book } from './book.ts'
import { askOf, bidOf, impactOf, lastMinuteNotional, takerPrice } from './quote.ts'
import { ceil8, ceilTo, floorTo } from './rounding.ts'

/** Covers the rounding of 500 pieces, as `core/risk/order-size` does. */
const roundingRoom = 0.00001

/**
 * A wish as an order that may be sent, with what it costs at most: `core/risk/order-size` in doubles. One object serves all wishes of a
 * run, for a new one with a dozen doubles per order would be most of the work.
 */
export class SizedWish {
  readonly #settings: BacktestSettings
  readonly #account: Account
  isEntry = false
  type: 'market' | 'limit' = 'market'
  timeInForce: TimeInForce = 'GTC'
  quantity = 0.5
  /** Share of the cash, sized at the fill: reference fills only; 0 otherwise. */
  cashFraction = 0.5
  /** Infinity for a BUY and 0 for a SELL without one. */
  limitPrice = 0.5
  /** Of the exits to arm; 0 where there is none. */
  stopPrice = 0.5
  takeProfit = 0.5
  trailingStop = 0.5
  bid = 0.5
  ask = 0.5
  expectedPrice = 0.5
  /** As a ratio of the price. */
  impact = 0.5
  notional = 0.5
  /** What to reserve: cash for a BUY, base units for a SELL. */
  hold = 0.5
  /** What was asked for, in quote currency. */
  worth = 0.5
  expectedEdgeBps: number | undefined

  constructor(settings: BacktestSettings, account: Account) {
    this.#settings = settings
    this.#account = account
  }

  /** Sizes a wish at the last close of its product, which must have one. */
  take(book: Book, wish: OrderWish): void {
    const settings = this.#settings
    const isReference = settings.fills === 'reference'
    const isEntry = wish.side === 'BUY'
    const close = book.columns.close[book.lastRow]!
    const bid = bidOf(book, close, settings.halfSpread)
    const ask = askOf(book, close, settings.halfSpread)
    const touch = isEntry ? ask : bid
    const askedQuantity = 'quantity' in wish ? wish.quantity : 'all' in wish ? Math.max(0, this.#account.sum(book.available)) : 0
    const askedNotional =
      'notional' in wish ? wish.notional : 'cashFraction' in wish ? Math.max(0, this.#account.freeCash * wish.cashFraction) : 0
    const isByNotional = 'notional' in wish || 'cashFraction' in wish
    const impact = impactOf(settings, isByNotional ? askedNotional : askedQuantity * touch, lastMinuteNotional(book, book.lastRow))
    const expectedPrice = wish.limitPrice ?? takerPrice(settings, isEntry, touch, impact)
    const wanted = isByNotional ? askedNotional / expectedPrice : askedQuantity
    const quantity = isReference ? wanted : floorTo(wanted, book.lotsPerUnit)
    this.isEntry = isEntry
    this.type = wish.limitPrice === undefined ? 'market' : 'limit'
    this.timeInForce = wish.timeInForce ?? defaultTimeInForce[this.type]
    this.quantity = quantity
    this.cashFraction = isReference && 'cashFraction' in wish ? wish.cashFraction : 0
    this.stopPrice = wish.stopPrice ?? 0
    this.takeProfit = wish.takeProfit ?? 0
    this.trailingStop = wish.trailingStop ?? 0
    this.bid = bid
    this.ask = ask
    this.expectedPrice = expectedPrice
    this.impact = impact
    this.notional = quantity * expectedPrice
    this.worth = isByNotional ? askedNotional : this.notional
    this.limitPrice = isEntry ? this.#buyLimit(book, wish.limitPrice) : this.#sellLimit(book, wish.limitPrice)
    this.hold = isEntry ? this.#worstCost() : quantity
    this.expectedEdgeBps = wish.expectedEdgeBps
  }

  #buyLimit(book: Book, limitPrice: number | undefined): number {
    if (this.#settings.fills === 'reference') return limitPrice ?? Infinity
    return floorTo(limitPrice ?? this.expectedPrice * (1 + this.#settings.priceBuffer), book.ticksPerUnit)
  }

  #sellLimit(book: Book, limitPrice: number | undefined): number {
    if (limitPrice === undefined) return 0
    return this.#settings.fills === 'reference' ? limitPrice : ceilTo(limitPrice, book.ticksPerUnit)
  }

  /** The most a BUY can cost. A reference fill holds what it expects to cost: it never spends more than there is. */
  #worstCost(): number {
    const { takerFee, fills } = this.#settings
    if (fills === 'reference') return this.notional * (1 + takerFee)
    const notional = ceil8(this.quantity * this.limitPrice)
    return this.#account.sum(notional + this.#account.feeOf(notional, takerFee) + roundingRoom)
  }
}
