import { sma } from './sma.ts'

export interface BollingerBands {
  readonly upper: number
  readonly middle: number
  readonly lower: number
}

/** Bollinger bands (J. Bollinger): SMA(20) -/+ 2 population standard deviations of the same 20 closes. Null with fewer. */
export function bollinger(closes: readonly number[], { period = 20, deviations = 2 } = {}): BollingerBands | null {
  const middle = sma(closes, period)
  if (middle === null) return null
  const variance = closes.slice(-period).reduce((sum, close) => sum + (close - middle) ** 2, 0) / period
  const width = deviations * Math.sqrt(variance)
  return { upper: middle + width, middle, lower: middle - width }
}
