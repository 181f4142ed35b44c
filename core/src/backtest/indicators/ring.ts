/** The last `length` values, the oldest overwritten by the newest. */
export class Ring {
  readonly length: number
  readonly #values: Float64Array
  readonly #mask: number
  #count = 0

  constructor(length: number) {
    if (!(Number.isInteger(length) && length > 0)) throw new RangeError(`a ring's length must be a positive whole number, was ${length}`)
    this.length = length
    this.#values = new Float64Array(2 ** Math.ceil(Math.log2(length + 1)))
    this.#mask = this.#values.length - 1
  }

  /** Values ever added. */
  get count(): number {
    return this.#count
  }

  get isFull(): boolean {
    return this.#count >= this.length
  }

  add(value: number): void {
    this.#values[this.#count & this.#mask] = value
    this.#count += 1
  }

  /** The value `back` before the newest, which is 0; 0 where there was none. Up to `length` back, one more than the ring holds. */
  at(back: number): number {
    return this.#values[(this.#count - 1 - back) & this.#mask]!
  }
}
