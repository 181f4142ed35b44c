/** Simple moving average of the last `period` values: their sum / period. Null with fewer. */
export function sma(values: readonly number[], period: number): number | null {
  if (values.length < period) return null
  let sum = 0
  for (let index = values.length - period; index < values.length; index += 1) sum += values[index] ?? 0
  return sum / period
}
