/** `core/market/indicators/wilder`, value by value: begun with the mean of the first `period` values. */
export class RunningWilder {
  readonly #period: number
  #count = 0
  #sum = 0
  /** NaN until there are `period` values. */
  value = Number.NaN

  constructor(period: number) {
    if (!(period > 0)) throw new RangeError(`period must be positive, was ${period}`)
    this.#period = period
  }

  add(value: number): number {
    this.#count += 1
    if (this.#count > this.#period) this.value += (value - this.value) / this.#period
    else {
      this.#sum += value
      if (this.#count === this.#period) this.value = this.#sum / this.#period
    }
    return this.value
  }
}
