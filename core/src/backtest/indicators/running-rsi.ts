import { RunningWilder } from './running-wilder.ts'

/** `core/market/indicators/rsi`, close by close. */
export class RunningRsi {
  readonly #gains: RunningWilder
  readonly #losses: RunningWilder
  #before = Number.NaN
  /** 0 to 100; NaN until there are `period` + 1 closes. */
  value = Number.NaN

  constructor(period = 14) {
    this.#gains = new RunningWilder(period)
    this.#losses = new RunningWilder(period)
  }

  add(close: number): number {
    const change = close - this.#before
    this.#before = close
    if (Number.isNaN(change)) return this.value
    const gain = this.#gains.add(Math.max(change, 0))
    const loss = this.#losses.add(Math.max(-change, 0))
    this.value = loss === 0 ? (gain === 0 ? 50 : 100) : 100 - 100 / (1 + gain / loss)
    return this.value
  }
}
