import type { Candle } from '@trader/core/contract/candle'
import { findProduct, unknownProduct } from '@trader/core/market/product'
import { minuteMs } from '@trader/core/market/timeframe'
import type { MarketNotice, MarketSource } from '../market-source.ts'
import { addTrade, noVolume, type MinuteVolume } from '../minute-volume.ts'
import { wallClock, type WallClock } from '../wall-clock.ts'
import { coinbaseAddress, coinbaseRestUrl, coinbaseStreamUrl } from './coinbase-address.ts'
import { fetchCandles, UnknownAtCoinbase } from './coinbase-candles.ts'
import { collectFeed } from './coinbase-feed.ts'
import { openCoinbaseStream, type StreamTiming } from './coinbase-stream.ts'

export interface CoinbaseOptions {
  readonly products: readonly string[]
  readonly restUrl?: string
  readonly streamUrl?: string
  readonly clock?: WallClock
  readonly timing?: StreamTiming
}

/**
 * Coinbase's public market data, without a key: prices and quotes from `ticker` (one message per match), volumes from `market_trades`,
 * life from `heartbeats`, candles from REST. What was missed while disconnected comes back as candles.
 */
export async function openCoinbaseSource(options: CoinbaseOptions): Promise<MarketSource> {
  const { clock = wallClock } = options
  const restUrl = coinbaseAddress(options.restUrl ?? coinbaseRestUrl, 'rest')
  const streamUrl = coinbaseAddress(options.streamUrl ?? coinbaseStreamUrl, 'stream')
  for (const product of options.products) if (findProduct(product) === undefined) throw new Error(unknownProduct(product).detail)
  const closing = new AbortController()
  const candlesOf = (product: string, from: number, to: number): Promise<Candle[]> =>
    fetchCandles({ restUrl, product, from, to, signal: closing.signal })

  const start = clock.now()
  const { served, notices: refused } = await servedProducts(options.products, (product) => candlesOf(product, start - 2 * minuteMs, start))
  const feed = collectFeed({ served, clock, candlesOf })
  feed.notices.push(...refused)
  const stream = openCoinbaseStream({
    url: streamUrl,
    products: [...served.keys()],
    onEvent: feed.receive,
    ...(options.timing ? { timing: options.timing } : {}),
  })
  /** A run that goes on from an older cursor is told, once, what it missed. */
  let openedAt = start
  return {
    market: 'coinbase',
    products: options.products,
    pace: 'stream',
    timeframeMs: minuteMs,
    fileHashes: [],
    start,
    endsAt: null,
    history: async ({ products, until, minutes }) => {
      const asked = [...served.keys()].filter((product) => products.includes(product))
      return (await Promise.all(asked.map((product) => candlesOf(product, until - (until % minuteMs) - minutes * minuteMs, until)))).flat()
    },
    next: async ({ cursor, until, signal }) => {
      if (cursor < openedAt) await feed.backfill(cursor)
      openedAt = -Infinity
      await clock.sleepUntil(until, signal)
      if (signal?.aborted) return { ticks: [], notices: [], cursor, atEnd: false }
      return { ticks: feed.ticks.splice(0), notices: feed.notices.splice(0), cursor: Math.max(until, clock.now()), atEnd: false }
    },
    close: async () => {
      closing.abort()
      stream.close()
    },
  }
}

/**
 * The products that Coinbase trades, each with the volume of its last minutes. One that Coinbase does not know is told and left out; when
 * it knows none, or cannot be asked, opening fails.
 */
async function servedProducts(products: readonly string[], recentCandles: (product: string) => Promise<Candle[]>) {
  const served = new Map<string, MinuteVolume>()
  const notices: MarketNotice[] = []
  for (const product of products) {
    try {
      served.set(product, volumeOf(await recentCandles(product)))
    } catch (cause) {
      if (!(cause instanceof UnknownAtCoinbase)) throw new Error(`cannot read candles of ${product} from Coinbase`, { cause })
      notices.push({ type: 'product_failed', product, detail: cause.message })
    }
  }
  if (served.size === 0) throw new Error(`Coinbase trades none of ${products.join(', ')}`)
  return { served, notices }
}

function volumeOf(candles: readonly Candle[]): MinuteVolume {
  return candles.reduce((state, { start, close, volume }) => addTrade(state, { price: close, size: volume, time: start }), noVolume)
}
