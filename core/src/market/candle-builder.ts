import type { Candle } from '../contract/candle.ts'
import type { Tick } from '../contract/tick.ts'
import { decimal, toText } from '../money/decimal.ts'
import { isBelow } from './candle-csv.ts'
import { minuteMs } from './timeframe.ts'

/** What a candle is made of: a trade's price, time and volume. */
export type CandleTick = Pick<Tick, 'product' | 'market_time' | 'price' | 'volume'>

/**
 * Candles from ticks in order of time, one tick at a time. `open` is the candle being built; `closed` the one that this tick
 * ended, if any. A span without ticks makes no candle: gaps stay gaps.
 */
export function addTickToCandle(
  open: Candle | null,
  tick: CandleTick,
  timeframeMs: number = minuteMs,
): { readonly open: Candle; readonly closed: Candle | null } {
  const start = tick.market_time - (tick.market_time % timeframeMs)
  if (open === null || start > open.start) return { open: firstOf(tick, start, timeframeMs), closed: open }
  if (start < open.start) throw new Error(`tick of ${tick.product} at ${tick.market_time} is before the candle of ${open.start}`)
  return { open: extend(open, tick), closed: null }
}

/** All candles of ordered ticks of one product, the last one included even if its time is not over. */
export function buildCandles(ticks: Iterable<CandleTick>, timeframeMs: number = minuteMs): Candle[] {
  const candles: Candle[] = []
  let open: Candle | null = null
  for (const tick of ticks) {
    const step = addTickToCandle(open, tick, timeframeMs)
    if (step.closed !== null) candles.push(step.closed)
    open = step.open
  }
  return open === null ? candles : [...candles, open]
}

function firstOf({ product, price, volume }: CandleTick, start: number, timeframeMs: number): Candle {
  return { product, start, timeframe_ms: timeframeMs, open: price, high: price, low: price, close: price, volume }
}

function extend(candle: Candle, { price, volume }: CandleTick): Candle {
  return {
    ...candle,
    high: isBelow(candle.high, price) ? price : candle.high,
    low: isBelow(price, candle.low) ? price : candle.low,
    close: price,
    volume: toText(decimal(candle.volume).plus(volume)),
  }
}
