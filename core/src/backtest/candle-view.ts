import type { Columns } from './columns.ts'
import { StrategyError } from './strategy-error.ts'
import type { SignalRule } from './strategy.ts'

/** For the engine alone: candle `row` has closed. A strategy, which is given only the view, cannot move it. */
export let closeCandle: (view: CandleView, row: number) => void

/**
 * For the engine alone: what a rule says of every candle, seen one at a time. Answers the candles with a signal, counted from 1, negative
 * where it says to leave.
 */
export let scanCandles: (rule: SignalRule, columns: Columns) => number[]

/**
 * The candles of one product that have closed by now, and no others. `back` counts from the newest, which is 0. Asking for a candle
 * that has not closed, or that lies before the data, throws: a rule that looks ahead fails, it does not get a wrong answer.
 */
export class CandleView {
  static {
    closeCandle = (view, row) => {
      view.#last = row
    }
    scanCandles = (rule, columns) => {
      const found: number[] = []
      const view = new CandleView(columns)
      try {
        for (let row = 0; row < columns.rows; row += 1) {
          view.#last = row
          const signal = rule.next(view)
          if (signal !== 0) found.push(signal > 0 ? row + 1 : -row - 1)
        }
      } catch (error) {
        throw new StrategyError(columns.start[view.#last]! + columns.timeframeMs, error)
      }
      return found
    }
  }

  readonly product: string
  readonly timeframeMs: number
  readonly #columns: Columns
  #last = -1

  constructor(columns: Columns) {
    this.product = columns.product
    this.timeframeMs = columns.timeframeMs
    this.#columns = columns
  }

  /** Candles that have closed. */
  get count(): number {
    return this.#last + 1
  }

  start(back = 0): number {
    return this.#columns.start[this.#row(back)]!
  }
  open(back = 0): number {
    return this.#columns.open[this.#row(back)]!
  }
  high(back = 0): number {
    return this.#columns.high[this.#row(back)]!
  }
  low(back = 0): number {
    return this.#columns.low[this.#row(back)]!
  }
  close(back = 0): number {
    return this.#columns.close[this.#row(back)]!
  }
  volume(back = 0): number {
    return this.#columns.volume[this.#row(back)]!
  }

  #row(back: number): number {
    const row = this.#last - back
    if (back >= 0 && row >= 0 && (row | 0) === row) return row
    throw new RangeError(this.#problem(back))
  }

  #problem(back: number): string {
    if (back < 0) return `candle ${-back} after the present one of ${this.product} has not closed yet: a strategy sees the past only`
    if (!Number.isInteger(back)) return `candles of ${this.product} are counted back in whole numbers, was ${back}`
    return `${this.product} has ${this.count} closed candles; asked for the one ${back} before the newest`
  }
}
