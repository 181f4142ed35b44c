import { Decimal, toText } from '../money/decimal.ts'
import type { Denied, DeniedReason, FailedCheck } from './denied-reason.ts'

export function denied(reason: DeniedReason, detail: string): Denied {
  return { ok: false, reason, detail }
}

/** A refusal with every check that failed. */
export type Refused = Denied & { readonly reasons: readonly FailedCheck[] }

/** All that objected, as one refusal; `first` gives its reason. */
export function refused(first: Denied, checks: readonly (Denied | null)[]): Refused {
  const reasons = checks.flatMap((check) => (check === null ? [] : [{ reason: check.reason, detail: check.detail }]))
  return { ...first, reasons }
}

/** An amount for a sentence: at most 8 decimals. */
export function amount(value: Decimal): string {
  return toText(value.toDecimalPlaces(8))
}

/** A fraction for a sentence: `25 %`. */
export function percent(fraction: number): string {
  return `${new Decimal(fraction).times(100).toFixed()} %`
}
