import { finiteOrNull, leastDeviation, mean } from '../../metrics/statistics.ts'

/** Skewness, m3 / m2^(3/2) with moments over n; 0 of a symmetric sample. Null below three values or without variation. */
export function skewness(values: readonly number[]): number | null {
  return standardizedMoment(values, 3)
}

/** Kurtosis, m4 / m2^2 with moments over n; 3 of a normal distribution (not the excess). Null below three values or without variation. */
export function kurtosis(values: readonly number[]): number | null {
  return standardizedMoment(values, 4)
}

function standardizedMoment(values: readonly number[], order: 3 | 4): number | null {
  const average = mean(values)
  if (average === null || values.length < 3) return null
  const variance = mean(values.map((value) => (value - average) ** 2)) ?? 0
  const moment = mean(values.map((value) => (value - average) ** order)) ?? 0
  return Math.sqrt(variance) < leastDeviation ? null : finiteOrNull(moment / variance ** (order / 2))
}
