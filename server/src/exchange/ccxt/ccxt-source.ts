import { createHash } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { minuteMs } from '@trader/core/market/timeframe'
import type { CandlesOf } from '../backfill.ts'
import type { MarketSource } from '../market-source.ts'
import { wallClock, type WallClock } from '../wall-clock.ts'
import { fetchMinuteCandles } from './ccxt-candles.ts'
import { pollTickers, type PollTiming } from './ccxt-poll.ts'
import { openCcxtVenue, type VenueOptions } from './ccxt-venue.ts'

export interface CcxtOptions {
  /** An exchange's name in ccxt, such as `kraken`. */
  readonly exchange: string
  readonly products: readonly string[]
  /** Width of the quote that is assumed where an exchange gives none, in basis points of the price. */
  readonly spreadBps: number
  readonly urls?: VenueOptions['urls']
  readonly clock?: WallClock
  readonly timing?: PollTiming & { readonly timeoutMs: number }
}

const usualTiming = { pollMs: 1000, firstBackOffMs: 1000, longestBackOffMs: 30_000, timeoutMs: 10_000 }

/**
 * Public market data, without a key, of any exchange that ccxt knows: prices and quotes from its tickers, asked for once a second from the
 * first batch on; volumes and history from its minute candles. What was missed comes back as candles.
 */
export async function openCcxtSource(options: CcxtOptions): Promise<MarketSource> {
  const { exchange: name, products, clock = wallClock, timing = usualTiming, urls } = options
  const closing = new AbortController()
  setMaxListeners(0, closing.signal) // one for each product that waits
  const venue = await openCcxtVenue({ name, timeoutMs: timing.timeoutMs, signal: closing.signal, ...(urls && { urls }) }, products)
  const candlesOf: CandlesOf = (product, from, to) => fetchMinuteCandles(venue, { product, from, to })
  const start = clock.now()
  let poll: ReturnType<typeof pollTickers> | null = null
  const begin = (cursor: number): ReturnType<typeof pollTickers> => {
    const begun = pollTickers({ venue, products, candlesOf, clock, timing, spreadBps: options.spreadBps, signal: closing.signal })
    // A run that goes on from an older cursor is told, once, what it missed.
    if (cursor < start) {
      begun.notices.push({ type: 'time_gap', from: cursor, to: start })
      void begun.backfill(products, cursor)
    }
    return begun
  }
  return {
    market: 'ccxt',
    products,
    pace: 'stream',
    timeframeMs: minuteMs,
    fileHashes: [createHash('sha256').update(`ccxt:${name}`).digest('hex')],
    start,
    endsAt: null,
    history: async ({ products: asked, until, minutes }) => {
      const from = until - (until % minuteMs) - minutes * minuteMs
      return (
        await Promise.all(products.filter((product) => asked.includes(product)).map((product) => candlesOf(product, from, until)))
      ).flat()
    },
    next: async ({ cursor, until, signal }) => {
      poll ??= begin(cursor)
      await clock.sleepUntil(until, signal)
      if (signal?.aborted) return { ticks: [], notices: [], cursor, atEnd: false }
      return { ticks: poll.ticks.splice(0), notices: poll.notices.splice(0), cursor: Math.max(until, clock.now()), atEnd: false }
    },
    close: async () => closing.abort(),
  }
}
