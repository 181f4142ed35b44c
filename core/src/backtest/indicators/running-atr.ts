import { RunningWilder } from './running-wilder.ts'

/** `core/market/indicators/atr`, candle by candle, in price units. */
export class RunningAtr {
  readonly #mean: RunningWilder
  #closeBefore = Number.NaN

  constructor(period = 14) {
    this.#mean = new RunningWilder(period)
  }

  /** NaN until there are `period` candles. */
  get value(): number {
    return this.#mean.value
  }

  add(high: number, low: number, close: number): number {
    const before = this.#closeBefore
    this.#closeBefore = close
    return this.#mean.add(Number.isNaN(before) ? high - low : Math.max(high, before) - Math.min(low, before))
  }
}
