import type { Candle } from '@trader/core/contract/candle'
import type { MarketKind } from '@trader/core/contract/run'
import type { Tick } from '@trader/core/contract/tick'

/**
 * Where prices come from: replay, simulated, coinbase or ccxt. The feed asks for one batch of all products at a time and keeps the
 * cursor that comes with it; opened again in another process, it goes on from there. A source opens only with products it knows
 * (else it throws, naming them), and one product that fails later is told in a notice and left out: it never stops the others.
 */
export interface MarketSource {
  readonly market: MarketKind
  readonly products: readonly string[]
  /** `stepped`: market time is what the caller asks for, and the same cursor gives the same ticks. `stream`: it is the wall clock. */
  readonly pace: 'stepped' | 'stream'
  /** Length of the candles in history, ms. */
  readonly timeframeMs: number
  /** SHA-256 of the files a replay reads, sorted, or of the name of ccxt's exchange: part of the run's identity. */
  readonly fileHashes: readonly string[]
  /** Market time of a fresh run's first batch; everything before it is history. */
  readonly start: number
  /** Market time after which nothing comes; null where the market never ends. */
  readonly endsAt: number | null
  /** Finished candles that end in (until - minutes, until], by product and time. A gap stays a gap. */
  readonly history: (window: HistoryWindow) => Promise<Candle[]>
  readonly next: (request: BatchRequest) => Promise<MarketBatch>
  /** May be called more than once. */
  readonly close: () => Promise<void>
}

export interface HistoryWindow {
  readonly products: readonly string[]
  readonly until: number
  readonly minutes: number
}

/**
 * A stepped source answers at once with the ticks in [cursor, until). A stream waits until the wall clock has come to `until`, and
 * answers with what arrived. `signal` ends the waiting.
 */
export interface BatchRequest {
  readonly cursor: number
  readonly until: number
  readonly signal?: AbortSignal
}

/** A tick nobody has judged yet: `checkTicks` of core decides. */
export type RawTick = Readonly<Record<keyof Tick, unknown>>

export interface MarketBatch {
  /** Each product's in order of time; stepped sources order all of them. */
  readonly ticks: readonly RawTick[]
  readonly notices: readonly MarketNotice[]
  /** Where the next request begins: `until`, or later where a stream had to leave a gap, or `cursor` when the waiting was ended. */
  readonly cursor: number
  /** Nothing comes after this batch. */
  readonly atEnd: boolean
}

/** What the feed must know besides prices. */
export type MarketNotice =
  | { readonly type: 'connected'; readonly detail: string }
  | { readonly type: 'disconnected'; readonly detail: string }
  /** Messages were lost on the way. */
  | { readonly type: 'sequence_gap'; readonly expected: number; readonly received: number }
  /** No ticks will come for this span of market time. */
  | { readonly type: 'time_gap'; readonly from: number; readonly to: number }
  /** Candles of a span whose ticks were missed. */
  | { readonly type: 'backfilled'; readonly candles: readonly Candle[] }
  | { readonly type: 'backfill_failed'; readonly product: string; readonly detail: string }
  /** A message that is no tick at all, cut at 500 characters. */
  | { readonly type: 'malformed'; readonly detail: string; readonly raw: string }
  | { readonly type: 'product_failed'; readonly product: string; readonly detail: string }

/** The ticks of several products as one list in order of market time; at the same time, in the products' order. */
export function inOrder(ticksOfProducts: readonly (readonly Tick[])[]): Tick[] {
  return ticksOfProducts.flat().sort((left, right) => left.market_time - right.market_time)
}
