import { Decimal, toText } from '../money/decimal.ts'
import type { Denied, DeniedReason } from './denied-reason.ts'

export function denied(reason: DeniedReason, detail: string): Denied {
  return { ok: false, reason, detail }
}

/** An amount for a sentence: at most 8 decimals. */
export function amount(value: Decimal): string {
  return toText(value.toDecimalPlaces(8))
}

/** A fraction for a sentence: `25 %`. */
export function percent(fraction: number): string {
  return `${new Decimal(fraction).times(100).toFixed()} %`
}
