import { Decimal, toText } from '@trader/core/money/decimal'

/** An amount as our wires write it (`1e-7` is `0.0000001`). What is no finite number stays as it came, for the tick check to refuse. */
export function exactText(text: string): string {
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?$/i.test(text)) return text
  const value = new Decimal(text)
  return value.abs().lt('1e20') ? toText(value) : text
}
