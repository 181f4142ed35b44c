import type { RiskLimits } from '../../risk/limits.ts'
import { CandleView, closeCandle } from '../candle-view.ts'
import type { Columns } from '../columns.ts'
import type { BacktestSettings, ProductRules } from '../settings.ts'
import type { Signal, SignalRule } from '../strategy.ts'
import type { WorkingOrder } from './working-order.ts'

/** One product in a run: its candles, its position at average cost and its open orders. */
export class Book {
  readonly index: number
  readonly id: string
  readonly columns: Columns
  readonly view: CandleView
  readonly rules: ProductRules
  readonly lotsPerUnit: number
  readonly ticksPerUnit: number
  /** Rounds a bid or ask of this product; far finer than its prices. */
  readonly quotesPerUnit: number
  readonly rule: SignalRule | null
  /** What the rule said of the last candle. */
  signal: Signal = 0

  /** Row of the next candle, and of the last that closed (-1 before). */
  nextRow = 0
  lastRow = -1
  hasNewCandle = false

  quantity = 0
  /** Base units that working sales hold. */
  held = 0
  costBasis = 0
  entryFees = 0
  realizedPnl = 0
  /** At the last close; at cost before the first. */
  marketValue = 0
  enteredAt = 0
  /** Entries placed lately, in order: what a cool-down counts from and a duplicate would repeat. */
  entries: WorkingOrder[] = []

  readonly orders: WorkingOrder[] = []
  /** Base units our orders took of the present candle. */
  usedVolume = 0
  /** A candle that stays within these does nothing to the open orders. */
  quietAbove = -Infinity
  quietBelow = Infinity

  constructor(options: { index: number; columns: Columns; settings: BacktestSettings; rule: SignalRule | null }) {
    const { index, columns, settings } = options
    const rules = settings.products.find((product) => product.id === columns.product)
    if (rules === undefined) throw new Error(`the settings have no product ${columns.product}`)
    this.index = index
    this.id = columns.product
    this.columns = columns
    this.view = new CandleView(columns)
    this.rules = rules
    this.rule = options.rule
    this.lotsPerUnit = Math.round(1 / rules.baseIncrement)
    this.ticksPerUnit = Math.round(1 / rules.quoteIncrement)
    this.quotesPerUnit = this.ticksPerUnit * 1e6
  }

  /** Base units that no order holds. */
  get available(): number {
    return this.quantity - this.held
  }

  /** Takes the candle that starts at this instant's start, if there is one, as closed; answers whether there was. */
  closeCandleAt(starts: Float64Array, instant: number): boolean {
    const row = this.nextRow
    this.hasNewCandle = row < this.columns.rows && this.columns.start[row] === starts[instant]
    if (!this.hasNewCandle) return false
    this.lastRow = row
    this.nextRow = row + 1
    closeCandle(this.view, row)
    return true
  }

  /** Takes the orders that are over off the book, in place. */
  dropOver(): void {
    const { orders } = this
    let kept = 0
    for (const order of orders) {
      if (order.isOver) continue
      orders[kept] = order
      kept += 1
    }
    orders.length = kept
  }

  /** Keeps an entry for as long as a cool-down or another like it could ask about it. */
  rememberEntry(entry: WorkingOrder, { duplicate_window_seconds, cool_down_seconds }: RiskLimits): void {
    const since = entry.placedAt - Math.max(duplicate_window_seconds, cool_down_seconds) * 1000
    if (this.entries.length > 0) this.entries = this.entries.filter(({ placedAt }) => placedAt > since)
    this.entries.push(entry)
  }

  /**
   * Finds the prices between which a candle can be skipped: no armed exit wakes and no resting limit is reached. Orders that take
   * what the market gives, have not met a tick yet or trail must see every tick.
   */
  watch(): void {
    let [above, below] = [-Infinity, Infinity]
    for (const order of this.orders) {
      const isResting = order.liquidity === 'maker' && order.timeInForce === 'GTC'
      if (order.type === 'trailing_stop' || !(order.isArmed || isResting)) {
        above = Infinity
        break
      }
      const triggersBelow = order.isArmed ? order.type === 'stop' : order.side === 'BUY'
      const price = order.isArmed ? order.triggerPrice : order.limitPrice
      if (triggersBelow) above = Math.max(above, price)
      else below = Math.min(below, price)
    }
    this.quietAbove = above
    this.quietBelow = below
  }
}
