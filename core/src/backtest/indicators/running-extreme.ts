import { Ring } from './ring.ts'

/** The highest or lowest of the last `period` values. Looked for anew only when the best one leaves. */
export class RunningExtreme {
  readonly #ring: Ring
  readonly #sign: 1 | -1
  #best = -Infinity
  #age = 0

  constructor(period: number, kind: 'highest' | 'lowest') {
    this.#ring = new Ring(period)
    this.#sign = kind === 'highest' ? 1 : -1
  }

  get isFull(): boolean {
    return this.#ring.isFull
  }

  /** -Infinity or Infinity before the first value. */
  get value(): number {
    return this.#best * this.#sign
  }

  add(value: number): number {
    const ring = this.#ring
    ring.add(value * this.#sign)
    this.#age += 1
    if (value * this.#sign >= this.#best) {
      this.#best = value * this.#sign
      this.#age = 0
    } else if (this.#age >= ring.length) this.#search()
    return this.value
  }

  #search(): void {
    this.#best = -Infinity
    for (let back = 0; back < this.#ring.length; back += 1) {
      if (this.#ring.at(back) <= this.#best) continue
      this.#best = this.#ring.at(back)
      this.#age = back
    }
  }
}
