import { wilder } from './wilder.ts'

/** Highest, lowest and last price of a candle, as numbers. */
export interface Bar {
  readonly high: number
  readonly low: number
  readonly close: number
}

/**
 * Average true range (Wilder, 1978), in price units: Wilder mean of max(high - low, |high - close before|, |low - close before|);
 * the first bar's true range is high - low. Null with fewer than `period` bars.
 */
export function atr(bars: readonly Bar[], period = 14): number | null {
  return wilder(
    bars.map((bar, index) => trueRange(bar, bars[index - 1]?.close)),
    period,
  )
}

function trueRange({ high, low }: Bar, closeBefore: number | undefined): number {
  if (closeBefore === undefined) return high - low
  return Math.max(high - low, Math.abs(high - closeBefore), Math.abs(low - closeBefore))
}
