import { z } from 'zod'
import { positiveDecimalText, statistic, timestampMs } from './primitives.ts'

/** Statistics of one product at one market time. Null where there is not enough data. */
export const featureVector = z.strictObject({
  product: z.string(),
  market_time: timestampMs,
  /** The last tick's price, or the last close where there is no tick. */
  price: positiveDecimalText.nullable(),
  price_time: timestampMs.nullable(),
  bid: positiveDecimalText.nullable(),
  ask: positiveDecimalText.nullable(),
  /** (ask - bid) / middle, in basis points. */
  spread_bps: statistic,
  /** Fractions: 0.01 is one per cent. */
  return_1m: statistic,
  return_5m: statistic,
  return_15m: statistic,
  return_60m: statistic,
  sma_20: statistic,
  sma_50: statistic,
  ema_12: statistic,
  ema_26: statistic,
  /** 0 to 100. */
  rsi_14: statistic,
  macd: statistic,
  macd_signal: statistic,
  macd_histogram: statistic,
  atr_14: statistic,
  /** ATR as per cent of the last close. */
  atr_pct: statistic,
  bollinger_upper: statistic,
  bollinger_middle: statistic,
  bollinger_lower: statistic,
  vwap: statistic,
  /** A fraction per year. */
  realized_volatility: statistic,
  timeframe_ms: z.int().positive().nullable(),
  candles_used: z.int().min(0),
})
export type FeatureVector = z.infer<typeof featureVector>
