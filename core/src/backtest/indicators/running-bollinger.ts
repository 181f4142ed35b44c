import { Ring } from './ring.ts'

/** `core/market/indicators/bollinger`, close by close. The variance is taken anew each time: sums of squares of prices lose it. */
export class RunningBollinger {
  readonly #ring: Ring
  readonly #deviations: number
  /** NaN until there are `period` closes. */
  upper = Number.NaN
  middle = Number.NaN
  lower = Number.NaN

  constructor({ period = 20, deviations = 2 }: { period?: number; deviations?: number } = {}) {
    this.#ring = new Ring(period)
    this.#deviations = deviations
  }

  add(close: number): void {
    const ring = this.#ring
    ring.add(close)
    if (!ring.isFull) return
    let sum = 0
    for (let back = 0; back < ring.length; back += 1) sum += ring.at(back)
    const middle = sum / ring.length
    let squares = 0
    for (let back = 0; back < ring.length; back += 1) squares += (ring.at(back) - middle) ** 2
    const width = this.#deviations * Math.sqrt(squares / ring.length)
    this.upper = middle + width
    this.middle = middle
    this.lower = middle - width
  }
}
