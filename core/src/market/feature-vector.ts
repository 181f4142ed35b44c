import type { Candle } from '../contract/candle.ts'
import type { FeatureVector } from '../contract/feature-vector.ts'
import type { Tick } from '../contract/tick.ts'
import { featureCandles } from './feature-candles.ts'
import { atr } from './indicators/atr.ts'
import { bollinger } from './indicators/bollinger.ts'
import { ema } from './indicators/ema.ts'
import { macd } from './indicators/macd.ts'
import { priceReturn } from './indicators/price-return.ts'
import { realizedVolatility } from './indicators/realized-volatility.ts'
import { rsi } from './indicators/rsi.ts'
import { sma } from './indicators/sma.ts'
import { vwap } from './indicators/vwap.ts'
import { minuteMs } from './timeframe.ts'

export interface FeatureInput {
  readonly product: string
  /** In order, one timeframe. */
  readonly candles: readonly Candle[]
  readonly lastTick: Tick | null
  readonly marketTime: number
}

/**
 * The features of a product at a market time: a function of the last 120 candles that ended at or before it and of the last tick
 * before it, and of nothing else. A later candle or tick is ignored, so nothing looks ahead. Averages that remember (EMA, MACD,
 * RSI, ATR) begin at the first of those candles; VWAP and volatility span all of them.
 */
export function computeFeatureVector({ product, candles, lastTick, marketTime }: FeatureInput): FeatureVector {
  const used = candles.filter((candle) => candle.start + candle.timeframe_ms <= marketTime).slice(-featureCandles)
  const tick = lastTick !== null && lastTick.market_time < marketTime ? lastTick : null
  const lastCandle = used.at(-1) ?? null
  const price = tick?.price ?? lastCandle?.close ?? null
  return {
    product,
    market_time: marketTime,
    price,
    price_time: tick?.market_time ?? (lastCandle && endOf(lastCandle)),
    bid: tick?.bid ?? null,
    ask: tick?.ask ?? null,
    spread_bps: tick === null ? null : spreadBps(tick),
    ...returnsOf(used, price === null ? null : Number(price), marketTime),
    ...indicatorsOf(used),
    timeframe_ms: lastCandle?.timeframe_ms ?? null,
    candles_used: used.length,
  }
}

function endOf(candle: Candle): number {
  return candle.start + candle.timeframe_ms
}

function spreadBps({ bid, ask }: Tick): number {
  const [low, high] = [Number(bid), Number(ask)]
  return ((high - low) / ((high + low) / 2)) * 10_000
}

function returnsOf(candles: readonly Candle[], price: number | null, marketTime: number) {
  const over = (minutes: number): number | null => priceReturn(price, closeAt(candles, marketTime, minutes * minuteMs))
  return { return_1m: over(1), return_5m: over(5), return_15m: over(15), return_60m: over(60) }
}

/** The close that was known `ageMs` ago, unless a gap makes it more than twice as old (or older than a candle more, where those are longer). */
function closeAt(candles: readonly Candle[], marketTime: number, ageMs: number): number | null {
  const moment = marketTime - ageMs
  const candle = candles.findLast((candidate) => endOf(candidate) <= moment)
  if (candle === undefined || moment - endOf(candle) > Math.max(ageMs, candle.timeframe_ms)) return null
  return Number(candle.close)
}

function indicatorsOf(candles: readonly Candle[]) {
  const bars = candles.map(({ high, low, close, volume }) => ({
    high: Number(high),
    low: Number(low),
    close: Number(close),
    volume: Number(volume),
  }))
  const closes = bars.map((bar) => bar.close)
  const lastClose = closes.at(-1)
  const convergence = macd(closes)
  const bands = bollinger(closes)
  const range = atr(bars)
  return {
    sma_20: sma(closes, 20),
    sma_50: sma(closes, 50),
    ema_12: ema(closes, 12),
    ema_26: ema(closes, 26),
    rsi_14: rsi(closes, 14),
    macd: convergence.macd,
    macd_signal: convergence.signal,
    macd_histogram: convergence.histogram,
    atr_14: range,
    atr_pct: range === null || lastClose === undefined ? null : (range / lastClose) * 100,
    bollinger_upper: bands?.upper ?? null,
    bollinger_middle: bands?.middle ?? null,
    bollinger_lower: bands?.lower ?? null,
    vwap: vwap(bars),
    realized_volatility: realizedVolatility(closes, { timeframeMs: candles[0]?.timeframe_ms ?? minuteMs }),
  }
}
