/** `core/market/indicators/ema`, value by value: begun at the first value. */
export class RunningEma {
  readonly #period: number
  readonly #weight: number
  #count = 0
  #average = 0
  /** NaN until there are `period` values. */
  value = Number.NaN

  constructor(period: number) {
    if (!(period > 0)) throw new RangeError(`period must be positive, was ${period}`)
    this.#period = period
    this.#weight = 2 / (period + 1)
  }

  add(value: number): number {
    this.#average = this.#count === 0 ? value : value * this.#weight + this.#average * (1 - this.#weight)
    this.#count += 1
    this.value = this.#count < this.#period ? Number.NaN : this.#average
    return this.value
  }
}
