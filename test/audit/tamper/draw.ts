/** The next random number, between 0 and 1. */
export type Dice = () => number

export function pickOf<Item>(dice: Dice, items: readonly Item[]): Item {
  const item = items[Math.floor(dice() * items.length)]
  if (item === undefined) throw new NoTamper('nothing to pick from')
  return item
}

/** What was done, and where a check must point: at least one of these. `mustAll`: at each of them. */
export interface Tamper {
  readonly what: string
  /** For counting: the act and the table. */
  readonly label: string
  readonly places: readonly string[]
  readonly mustAll: boolean
  /** The tampered copy of the seal log, where that is what was tampered with. */
  readonly sealLog?: string
}

/** Drawn, and without effect: the same value, or refused by a key. Another is drawn. */
export class NoTamper extends Error {
  override readonly name = 'NoTamper'
}

/** From and to included. */
export const numbers = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index)
