import { featureCandles } from '../../market/feature-candles.ts'
import type { Columns } from '../columns.ts'

const period = 14

/**
 * ATR(14) in per cent of the close over the last 120 candles up to `row`, as the feature vector has it (`core/market/indicators/atr`,
 * Wilder 1978), without making an object of each candle. Null with fewer than 14.
 */
export function atrPct({ high, low, close }: Columns, row: number): number | null {
  const first = Math.max(0, row + 1 - featureCandles)
  if (row + 1 - first < period) return null
  let smoothed = (high[first]! - low[first]!) / period
  for (let at = first + 1; at <= row; at += 1) {
    const before = close[at - 1]!
    const trueRange = Math.max(high[at]!, before) - Math.min(low[at]!, before)
    if (at < first + period) smoothed += trueRange / period
    else smoothed += (trueRange - smoothed) / period
  }
  return (smoothed / close[row]!) * 100
}
