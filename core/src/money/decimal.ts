import { Decimal as BaseDecimal } from 'decimal.js'

/** The only Decimal of this product: 40 significant digits, half-even. A second configuration would round differently. */
export const Decimal = BaseDecimal.clone({ precision: 40, rounding: BaseDecimal.ROUND_HALF_EVEN, defaults: true })
export type Decimal = BaseDecimal

export const zero: Decimal = new Decimal(0)

/** Most decimals that a wire or a database column carries. */
const wireDecimals = 18
const wireLimit = new Decimal('1e20')

/** An amount from its text. Throws on anything that is not a finite number. */
export function decimal(text: string): Decimal {
  const value = new Decimal(text)
  if (!value.isFinite()) throw new Error(`amount must be finite, was ${text}`)
  return value
}

/** The text of an amount as `decimalText` of the contract: plain notation, at most 18 decimals (half-even), never `-0`. */
export function toText(value: Decimal): string {
  if (!value.isFinite()) throw new Error(`amount must be finite, was ${value.toString()}`)
  const rounded = value.toDecimalPlaces(wireDecimals)
  if (rounded.abs().gte(wireLimit)) throw new Error(`amount must have at most 20 digits before the point, was ${rounded.toFixed()}`)
  return rounded.isZero() ? '0' : rounded.toFixed()
}

export function sum(values: readonly Decimal[]): Decimal {
  return values.reduce((total, value) => total.plus(value), zero)
}
