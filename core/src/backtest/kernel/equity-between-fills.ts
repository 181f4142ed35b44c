import type { Columns } from '../columns.ts'
import type { FillLog } from './fill-log.ts'

/**
 * The equity of one product's run as what it is between two fills: cash + quantity x close. A column is made of it only where somebody
 * asks for every bar; most runs of a search ask for a few.
 */
export class EquityBetweenFills {
  readonly #close: Float64Array
  readonly #firstRow: number
  readonly #rows: number
  readonly #initialCash: number
  readonly #fills: FillLog
  /** The candle of each fill. */
  readonly #fillRows: readonly number[]
  #column: Float64Array | null = null

  constructor(options: {
    readonly candles: Columns
    readonly firstRow: number
    readonly initialCash: number
    readonly fills: FillLog
    readonly fillRows: readonly number[]
  }) {
    this.#close = options.candles.close
    this.#rows = options.candles.rows
    this.#firstRow = options.firstRow
    this.#initialCash = options.initialCash
    this.#fills = options.fills
    this.#fillRows = options.fillRows
  }

  /** At the close of every traded candle. Made once. */
  column(): Float64Array {
    this.#column ??= this.#makeColumn()
    return this.#column
  }

  #makeColumn(): Float64Array {
    const equity = new Float64Array(this.#rows - this.#firstRow)
    let from = this.#firstRow
    for (let fill = 0; fill <= this.#fills.length; fill += 1) {
      const to = fill < this.#fills.length ? this.#fillRows[fill]! : this.#rows
      const { cash, quantity } = this.#after(fill)
      if (quantity === 0) equity.fill(cash, from - this.#firstRow, to - this.#firstRow)
      else for (let row = from; row < to; row += 1) equity[row - this.#firstRow] = cash + quantity * this.#close[row]!
      from = to
    }
    return equity
  }

  /** At the close of one candle. */
  at(row: number): number {
    let [low, high] = [0, this.#fills.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#fillRows[middle]! <= row) low = middle + 1
      else high = middle
    }
    const { cash, quantity } = this.#after(low)
    return cash + quantity * this.#close[row]!
  }

  /** Cash and quantity after so many fills. */
  #after(fills: number): { readonly cash: number; readonly quantity: number } {
    if (fills === 0) return { cash: this.#initialCash, quantity: 0 }
    return { cash: this.#fills.number(fills - 1, 'cashAfter'), quantity: this.#fills.number(fills - 1, 'positionAfter') }
  }
}
