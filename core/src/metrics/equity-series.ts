/** Equity in quote currency at a market time (ms). */
export interface EquitySample {
  readonly marketTime: number
  readonly equity: number
}

/** Samples from the contract's points, oldest first. */
export function equitySamples(points: readonly { readonly market_time: number; readonly equity: string }[]): EquitySample[] {
  return points
    .map((point) => ({ marketTime: point.market_time, equity: Number(point.equity) }))
    .sort((a, b) => a.marketTime - b.marketTime)
}

/**
 * Equity at equal distances: at the first sample's time and every `periodMs` after it, each time the last known value. The
 * rest of the last period is left out. Samples must be in order of time.
 */
export function equityPerPeriod({ samples, periodMs }: { samples: readonly EquitySample[]; periodMs: number }): number[] {
  if (!(periodMs > 0)) throw new Error(`period must be positive, was ${periodMs} ms`)
  const [first] = samples
  const last = samples.at(-1)
  if (first === undefined || last === undefined) return []
  const series: number[] = []
  let next = 0
  let equity = first.equity
  for (let time = first.marketTime; time <= last.marketTime; time += periodMs) {
    for (let sample = samples[next]; sample !== undefined && sample.marketTime <= time; sample = samples[next]) {
      equity = sample.equity
      next += 1
    }
    series.push(equity)
  }
  return series
}
