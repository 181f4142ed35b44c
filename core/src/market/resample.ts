import type { Candle } from '../contract/candle.ts'
import { decimal, toText } from '../money/decimal.ts'
import { isBelow } from './candle-csv.ts'

/**
 * Longer candles from shorter ones in order, aligned to multiples of the longer timeframe since 1970. Gaps stay gaps; the last
 * candle may be of a span that is not over: a reader that must not look ahead drops those that end after its market time.
 */
export function* resample(candles: Iterable<Candle>, timeframeMs: number): Generator<Candle> {
  let open: Candle | null = null
  for (const candle of candles) {
    checkLengths(candle, timeframeMs)
    const start = candle.start - (candle.start % timeframeMs)
    if (open !== null && open.start === start) open = merge(open, candle)
    else {
      if (open !== null) yield open
      open = { ...candle, start, timeframe_ms: timeframeMs }
    }
  }
  if (open !== null) yield open
}

function checkLengths(candle: Candle, timeframeMs: number): void {
  if (timeframeMs % candle.timeframe_ms !== 0) {
    throw new Error(`candles of ${candle.timeframe_ms} ms cannot be resampled to ${timeframeMs} ms: not a whole multiple`)
  }
}

function merge(open: Candle, next: Candle): Candle {
  return {
    ...open,
    high: isBelow(open.high, next.high) ? next.high : open.high,
    low: isBelow(next.low, open.low) ? next.low : open.low,
    close: next.close,
    volume: toText(decimal(open.volume).plus(next.volume)),
  }
}
