import { rounded } from './report.ts'

/** The smallest value that `fraction` of all are not above (nearest rank). */
export function percentile(values: readonly number[], fraction: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const found = sorted[Math.max(0, Math.ceil(fraction * sorted.length) - 1)]
  if (found === undefined) throw new Error('no values to take a percentile of')
  return found
}

export function latencies(valuesMs: readonly number[]): { samples: number; p50_ms: number; p99_ms: number; max_ms: number } {
  return {
    samples: valuesMs.length,
    p50_ms: rounded(percentile(valuesMs, 0.5)),
    p99_ms: rounded(percentile(valuesMs, 0.99)),
    max_ms: rounded(Math.max(...valuesMs)),
  }
}
