/** The number if it is one; null for NaN and infinity, which never leave this folder. */
export function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null
}

/** Arithmetic mean; null of nothing. */
export function mean(values: readonly number[]): number | null {
  if (values.length === 0) return null
  return finiteOrNull(values.reduce((total, value) => total + value, 0) / values.length)
}

/** Sample standard deviation, sqrt(sum (x - mean)^2 / (n - 1)); null below two values. */
export function standardDeviation(values: readonly number[]): number | null {
  const average = mean(values)
  if (average === null || values.length < 2) return null
  const squares = values.reduce((total, value) => total + (value - average) ** 2, 0)
  return finiteOrNull(Math.sqrt(squares / (values.length - 1)))
}

/** Deviations below this are rounding noise of equal values: a ratio over them would mean nothing. */
export const leastDeviation = 1e-12
