import { z } from 'zod'
import { candle } from './candle.ts'
import { book, id, timestampMs } from './primitives.ts'
import { marketKind } from './run.ts'
import { tick } from './tick.ts'

/** When a workflow makes room for a new run of itself: after so many cycles or history events, whichever is first. */
export const continueLimits = z.strictObject({ continue_every: z.int().positive(), history_limit: z.int().positive() })
export type ContinueLimits = z.infer<typeof continueLimits>

/** How a feature workflow looks at its product. */
export const featureSettings = z.strictObject({
  /** Length of its candles. */
  timeframe_ms: z.int().positive(),
  window_seconds: z.int().positive(),
  limits: continueLimits,
})
export type FeatureSettings = z.infer<typeof featureSettings>

/** More candles than a window keeps are not sent. */
const candlesPerSignal = 200

/** Begins a product's window for a run, with the finished candles of the time before. The same run only learns what it missed. */
export const openWindow = z.strictObject({
  run_id: id,
  product: z.string(),
  settings: featureSettings,
  history: z.array(candle).max(candlesPerSignal),
})
export type OpenWindow = z.infer<typeof openWindow>

/** Finished candles of a time whose ticks were missed. */
export const missedCandles = z.strictObject({ run_id: id, product: z.string(), candles: z.array(candle).min(1).max(candlesPerSignal) })
export type MissedCandles = z.infer<typeof missedCandles>

/** Ticks in one signal: it stays below 64 kB. A larger batch goes in several. */
export const ticksPerSignal = 250

/** Good ticks of one product, in order. They may come twice. */
export const tickBatch = z.strictObject({ run_id: id, product: z.string(), ticks: z.array(tick).min(1).max(ticksPerSignal) })
export type TickBatch = z.infer<typeof tickBatch>

/** The last price that was seen. */
export const latestPrice = tick.pick({ product: true, market_time: true, price: true, bid: true, ask: true })
export type LatestPrice = z.infer<typeof latestPrice>

/** Messages that a feature workflow refused; it goes on without them. */
export const droppedMessages = z.strictObject({ count: z.int().min(0), last_reason: z.string().nullable() })
export type DroppedMessages = z.infer<typeof droppedMessages>

export const featureStatus = z.strictObject({
  run_id: id,
  product: z.string(),
  last_tick_time: timestampMs.nullable(),
  candles: z.int().min(0),
  ticks: z.int().min(0),
  dropped: droppedMessages,
})
export type FeatureStatus = z.infer<typeof featureStatus>

/** Which market, and how it runs: all that is needed to open its source again in another process. */
export const marketSourceConfig = z.strictObject({
  market: marketKind,
  /** Candle and quote files of a replay, `path` or `PRODUCT=path`. */
  files: z.array(z.string()).max(100),
  seed: z.int(),
  /** Times the wall clock; what is not a replay runs as a stream at 1. */
  speed: z.union([z.number().positive(), z.literal('max')]),
  spread_bps: z.number().min(0).max(1000),
  /** The exchange's name where the market is ccxt. */
  exchange: z.string().max(64).nullable(),
})
export type MarketSourceConfig = z.infer<typeof marketSourceConfig>

/** All that the market stream needs to know of a run. Limits come from the server's configuration. */
export const marketPlan = z.strictObject({
  run_id: id,
  book,
  products: z.array(z.string().min(3).max(32)).min(1).max(20),
  source: marketSourceConfig,
  nudge_seconds: z.number().positive(),
  /** The model of the decisions that a stepped feed starts, such as `offline`. */
  model: z.string().min(1).max(100),
  historical_minutes: z.int().min(0),
  /** False: features begin without the history before the first tick; absent: with it. */
  load_history: z.boolean().optional(),
  /** Market time at which the feed stops; the run stays open. */
  until: timestampMs.nullable(),
  stream_limits: continueLimits,
  features: featureSettings.omit({ timeframe_ms: true }),
})
export type MarketPlan = z.infer<typeof marketPlan>

/** What was loaded of one product before its first tick. */
export const loadedHistory = z.strictObject({
  product: z.string(),
  candles: z.int().min(0),
  /** Why there is none: the product begins without history. */
  error: z.string().nullable(),
})
export type LoadedHistory = z.infer<typeof loadedHistory>

/** Why a feed ended. Only the end of the data finishes the run. */
export const feedEnd = z.enum(['end_of_data', 'until', 'stopped'])
export type FeedEnd = z.infer<typeof feedEnd>

export const marketStreamResult = z.strictObject({ run_id: id, ended: feedEnd, cursor: timestampMs.nullable() })
export type MarketStreamResult = z.infer<typeof marketStreamResult>

export const marketStreamStatus = z.strictObject({
  plan: marketPlan,
  phase: z.enum(['loading', 'streaming', 'stopping']),
  history: z.array(loadedHistory),
})
export type MarketStreamStatus = z.infer<typeof marketStreamStatus>
