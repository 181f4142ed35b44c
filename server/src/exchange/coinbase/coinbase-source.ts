import type { Candle } from '@trader/core/contract/candle'
import { findProduct, unknownProduct } from '@trader/core/market/product'
import { minuteMs } from '@trader/core/market/timeframe'
import { Decimal, toText, zero } from '@trader/core/money/decimal'
import type { MarketNotice, MarketSource, RawTick } from '../market-source.ts'
import { addTrade, lastFullMinute, noVolume, type MinuteVolume } from '../minute-volume.ts'
import { wallClock, type WallClock } from '../wall-clock.ts'
import { describeError } from '../../exit-code.ts'
import { coinbaseAddress, coinbaseRestUrl, coinbaseStreamUrl } from './coinbase-address.ts'
import { fetchCandles, UnknownAtCoinbase } from './coinbase-candles.ts'
import type { CoinbaseTicker, CoinbaseTrade } from './coinbase-messages.ts'
import { openCoinbaseStream, type StreamEvent, type StreamTiming } from './coinbase-stream.ts'

export interface CoinbaseOptions {
  readonly products: readonly string[]
  readonly restUrl?: string
  readonly streamUrl?: string
  readonly clock?: WallClock
  readonly timing?: StreamTiming
}

/** Ticks kept between two batches; a caller that stays away for longer loses the oldest, and is told. */
const longestBuffer = 20_000

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

/** Turns what the stream tells into ticks and notices that wait for the next batch. */
function collectFeed(options: {
  served: ReadonlyMap<string, MinuteVolume>
  clock: WallClock
  candlesOf: (product: string, from: number, to: number) => Promise<Candle[]>
}) {
  const volumes = new Map(options.served)
  const sinceTick = new Map<string, Decimal>()
  const lastTrade = new Map<string, number>()
  const ticks: RawTick[] = []
  const notices: MarketNotice[] = []
  let lostAt: number | null = null

  const receive = (event: StreamEvent): void => {
    if (event.type === 'message') return receiveMessage(event.message)
    if (event.type === 'sequence_gap') notices.push(event)
    if (event.type === 'disconnected') {
      lostAt ??= options.clock.now()
      notices.push(event)
    }
    if (event.type === 'connected') {
      notices.push({ type: 'connected', detail: `subscribed to ${[...volumes.keys()].join(', ')}` })
      if (lostAt !== null) void backfill(lostAt)
      lostAt = null
    }
  }

  const receiveMessage = (message: Extract<StreamEvent, { type: 'message' }>['message']): void => {
    switch (message.type) {
      case 'tickers':
        for (const ticker of message.tickers) keep(toTick(ticker, message.time))
        return
      case 'trades':
        for (const trade of message.trades) countTrade(trade)
        return
      case 'malformed':
        notices.push(message)
        return
      case 'error':
        notices.push({ type: 'malformed', detail: `Coinbase refused: ${message.detail}`, raw: message.detail })
        return
      case 'other':
    }
  }

  /** The same trade comes again after a reconnect; ids of a product only grow. */
  const countTrade = (trade: CoinbaseTrade): void => {
    const id = Number(trade.tradeId)
    if (id <= (lastTrade.get(trade.product) ?? -1)) return
    lastTrade.set(trade.product, id)
    volumes.set(trade.product, addTrade(volumes.get(trade.product) ?? noVolume, trade))
    sinceTick.set(trade.product, (sinceTick.get(trade.product) ?? zero).plus(trade.size))
  }

  const toTick = (ticker: CoinbaseTicker, time: number): RawTick => {
    const product = String(ticker.product_id)
    const volume = toText(sinceTick.get(product) ?? zero)
    sinceTick.delete(product)
    return {
      product: ticker.product_id,
      market_time: time,
      price: ticker.price,
      bid: ticker.best_bid,
      ask: ticker.best_ask,
      volume,
      ...lastFullMinute(volumes.get(product) ?? noVolume, time),
    }
  }

  const keep = (tick: RawTick): void => {
    ticks.push(tick)
    if (ticks.length <= longestBuffer) return
    const lost = ticks.splice(0, longestBuffer / 2)
    notices.push({ type: 'time_gap', from: Number(lost[0]?.market_time), to: Number(lost.at(-1)?.market_time) })
  }

  /** Candles of the minutes that a broken connection touched and that are over. */
  const backfill = async (from: number): Promise<void> => {
    const to = options.clock.now()
    notices.push({ type: 'time_gap', from, to })
    for (const product of volumes.keys()) {
      try {
        const candles = await options.candlesOf(product, from - (from % minuteMs), to)
        if (candles.length > 0) notices.push({ type: 'backfilled', candles })
      } catch (cause) {
        notices.push({ type: 'backfill_failed', product, detail: describeError(cause) })
      }
    }
  }

  return { receive, backfill, ticks, notices }
}
