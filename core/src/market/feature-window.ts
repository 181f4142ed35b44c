import type { Candle } from '../contract/candle.ts'
import type { FeatureVector } from '../contract/feature-vector.ts'
import type { Tick } from '../contract/tick.ts'
import { addTickToCandle } from './candle-builder.ts'
import { featureCandles } from './feature-candles.ts'
import { computeFeatureVector } from './feature-vector.ts'

/** A price that was seen, as `get_historical_ticks` returns it. */
export interface SeenPrice {
  readonly market_time: number
  readonly price: string
}

/** All that a product's features need, as plain JSON of bounded size: it travels through continue-as-new. */
export interface FeatureWindow {
  readonly product: string
  readonly timeframe_ms: number
  readonly window_ms: number
  /** Not older than the window and at most `maximumTicks`. */
  readonly ticks: readonly SeenPrice[]
  /** Finished candles, at most as many as a feature vector uses. */
  readonly candles: readonly Candle[]
  /** The candle that the last tick belongs to. */
  readonly open_candle: Candle | null
  readonly last_tick: Tick | null
}

/** Keeps the state near 100 kB on a product that trades many times a second. */
export const maximumTicks = 1500

/** A window before its first tick, with the candles of the time before (in order, finished). */
export function startFeatureWindow(options: {
  readonly product: string
  readonly timeframeMs: number
  readonly windowSeconds: number
  readonly history: readonly Candle[]
}): FeatureWindow {
  return {
    product: options.product,
    timeframe_ms: options.timeframeMs,
    window_ms: options.windowSeconds * 1000,
    ticks: [],
    candles: options.history.slice(-featureCandles),
    open_candle: null,
    last_tick: null,
  }
}

/**
 * The window after a batch. A tick that is not after the last one, or that falls into history, is dropped: so a batch may come
 * twice, or overlap another, and the state is a function of the ticks alone, however they were cut into batches.
 */
export function addBatch(window: FeatureWindow, batch: readonly Tick[]): FeatureWindow {
  const ticks = [...window.ticks]
  const candles = [...window.candles]
  let { open_candle, last_tick } = window
  const lastCandle = candles.at(-1)
  let after = Math.max(last_tick?.market_time ?? -1, lastCandle === undefined ? -1 : lastCandle.start + lastCandle.timeframe_ms - 1)
  for (const tick of batch) {
    if (tick.product !== window.product || tick.market_time <= after) continue
    const { open, closed } = addTickToCandle(open_candle, tick, window.timeframe_ms)
    if (closed !== null) candles.push(closed)
    ticks.push({ market_time: tick.market_time, price: tick.price })
    open_candle = open
    last_tick = tick
    after = tick.market_time
  }
  return { ...window, ticks: recent(ticks, after - window.window_ms), candles: candles.slice(-featureCandles), open_candle, last_tick }
}

/** The window with finished candles of a time whose ticks were missed. They replace what was built from the ticks that did come. */
export function addCandles(window: FeatureWindow, missed: readonly Candle[]): FeatureWindow {
  const own = missed.filter((candle) => candle.product === window.product && candle.timeframe_ms === window.timeframe_ms)
  const { open_candle: open } = window
  const isOpenReplaced = open !== null && own.some((candle) => candle.start >= open.start)
  const byStart = new Map(
    [...window.candles, ...(open !== null && isOpenReplaced ? [open] : []), ...own].map((candle) => [candle.start, candle]),
  )
  return {
    ...window,
    candles: [...byStart.values()].sort((left, right) => left.start - right.start).slice(-featureCandles),
    open_candle: isOpenReplaced ? null : open,
  }
}

/** Prices of the window after `since` (ms), oldest first. */
export function historicalTicks(window: FeatureWindow, since = 0): SeenPrice[] {
  return window.ticks.filter((tick) => tick.market_time > since)
}

/** The features at a market time. The open candle counts once its time is over. */
export function featuresOf(window: FeatureWindow, marketTime: number): FeatureVector {
  const { product, last_tick: lastTick, open_candle: open } = window
  return computeFeatureVector({ product, candles: open === null ? window.candles : [...window.candles, open], lastTick, marketTime })
}

function recent(ticks: readonly SeenPrice[], afterTime: number): SeenPrice[] {
  return ticks.filter((tick) => tick.market_time > afterTime).slice(-maximumTicks)
}
