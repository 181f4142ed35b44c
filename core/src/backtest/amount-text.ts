/**
 * The text of an amount that a double holds: its 15 significant digits, at least 8 and at most 18 of them decimals. An amount with 8
 * decimals below 67 million is its own text again. Plain notation, never `-0`.
 */
export function amountText(amount: number): string {
  if (!Number.isFinite(amount)) throw new Error(`an amount must be finite, was ${amount}`)
  const whole = Math.max(1, Math.floor(Math.log10(Math.abs(amount) || 1)) + 1)
  const decimals = Math.min(18, Math.max(8, 15 - whole))
  const text = amount.toFixed(decimals).replace(/\.?0+$/, '')
  return text === '-0' ? '0' : text
}
