/**
 * Wilder's smoothing (J. W. Wilder, New Concepts in Technical Trading Systems, 1978): begun with the mean of the first `period`
 * values, then S = S before + (value - S before) / period. Null with fewer.
 */
export function wilder(values: readonly number[], period: number): number | null {
  if (values.length < period) return null
  let smoothed = values.slice(0, period).reduce((sum, value) => sum + value, 0) / period
  for (const value of values.slice(period)) smoothed += (value - smoothed) / period
  return smoothed
}
