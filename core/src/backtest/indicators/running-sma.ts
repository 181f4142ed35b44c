import { Ring } from './ring.ts'

/** `core/market/indicators/sma`, value by value. The sum is added up anew once per round, so that no rounding error can grow. */
export class RunningSma {
  readonly #ring: Ring
  #sum = 0
  /** NaN until there are `period` values. */
  value = Number.NaN

  constructor(period: number) {
    this.#ring = new Ring(period)
  }

  add(value: number): number {
    const ring = this.#ring
    ring.add(value)
    this.#sum += value - ring.at(ring.length)
    if (ring.count % ring.length === 0) this.#addUp()
    this.value = ring.isFull ? this.#sum / ring.length : Number.NaN
    return this.value
  }

  #addUp(): void {
    let sum = 0
    for (let back = this.#ring.length - 1; back >= 0; back -= 1) sum += this.#ring.at(back)
    this.#sum = sum
  }
}
