import { emaSeries } from './ema.ts'

export interface Macd {
  readonly macd: number | null
  readonly signal: number | null
  readonly histogram: number | null
}

/**
 * Moving average convergence divergence (G. Appel): macd = EMA(12) - EMA(26) of closes, signal = EMA(9) of macd from the first
 * settled one, histogram = macd - signal. In price units. macd needs 26 closes, signal 34.
 */
export function macd(closes: readonly number[], { short = 12, long = 26, signal: signalPeriod = 9 } = {}): Macd {
  const longSeries = emaSeries(closes, long)
  const differences = emaSeries(closes, short).map((value, index) => value - (longSeries[index] ?? value))
  const settled = differences.slice(long - 1)
  const latest = settled.at(-1) ?? null
  const signal = settled.length < signalPeriod ? null : (emaSeries(settled, signalPeriod).at(-1) ?? null)
  return { macd: latest, signal, histogram: latest === null || signal === null ? null : latest - signal }
}
