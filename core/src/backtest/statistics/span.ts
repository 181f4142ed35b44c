/** Whole numbers [from, to): rows, or times in ms. Every function here works on either, as long as all arguments are in one unit. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** What parameters are chosen on, and what they are tried on. */
export interface Split {
  readonly train: readonly Span[]
  readonly test: Span
}

/** Throws where a length is not a whole number of at least `least`. */
export function checkLength(name: string, value: number, least: number): void {
  if (!(Number.isSafeInteger(value) && value >= least)) throw new Error(`${name} must be a whole number from ${least}, was ${value}`)
}

export function checkSpan({ from, to }: Span): void {
  if (!(Number.isSafeInteger(from) && Number.isSafeInteger(to) && from < to))
    throw new Error(`span must not be empty, was ${from} to ${to}`)
}
