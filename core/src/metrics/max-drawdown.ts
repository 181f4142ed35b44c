import type { EquitySample } from './equity-series.ts'

export interface Drawdown {
  /** Largest (peak - equity) / peak, a fraction. */
  readonly depth: number
  /** Longest time in ms from a peak to the first sample that is back at it, or to the end; 0 where equity never fell. */
  readonly durationMs: number
}

/** Maximum drawdown of equity against its running peak; samples in order of time. Null without a positive equity. */
export function maxDrawdown(samples: readonly EquitySample[]): Drawdown | null {
  let peak: EquitySample | null = null
  let isUnder = false
  let depth = 0
  let durationMs = 0
  for (const sample of samples) {
    if (peak === null && sample.equity <= 0) continue
    peak ??= sample
    const fall = (peak.equity - sample.equity) / peak.equity
    depth = Math.max(depth, fall)
    if (isUnder || fall > 0) durationMs = Math.max(durationMs, sample.marketTime - peak.marketTime)
    isUnder = fall > 0
    if (!isUnder) peak = sample
  }
  return peak === null ? null : { depth, durationMs }
}
