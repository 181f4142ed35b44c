/**
 * Exponential moving average: EMA = value x k + EMA before x (1 - k), k = 2 / (period + 1), begun at the first value.
 * One entry per value; the first period - 1 are not settled yet (`ema` answers null for them).
 */
export function emaSeries(values: readonly number[], period: number): number[] {
  const weight = 2 / (period + 1)
  const series: number[] = []
  for (const value of values) series.push(value * weight + (series.at(-1) ?? value) * (1 - weight))
  return series
}

/** The EMA after the last value; null with fewer than `period` values. */
export function ema(values: readonly number[], period: number): number | null {
  return values.length < period ? null : (emaSeries(values, period).at(-1) ?? null)
}
