import { Decimal, toText, zero } from '@trader/core/money/decimal'
import { backfillCandles, type CandlesOf } from '../backfill.ts'
import type { MarketNotice, RawTick } from '../market-source.ts'
import { addTrade, lastFullMinute, type MinuteVolume, noVolume } from '../minute-volume.ts'
import type { WallClock } from '../wall-clock.ts'
import type { CoinbaseMessage, CoinbaseTicker, CoinbaseTrade } from './coinbase-messages.ts'
import type { StreamEvent } from './coinbase-stream.ts'

/** Ticks kept between two batches; a caller that stays away for longer loses the oldest, and is told. */
const longestBuffer = 20_000

/** Turns what the stream tells into ticks and notices that wait for the next batch. */
export function collectFeed(options: { served: ReadonlyMap<string, MinuteVolume>; clock: WallClock; candlesOf: CandlesOf }) {
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

  const receiveMessage = (message: CoinbaseMessage): void => {
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

  /** Of several matches in one millisecond the last price counts, with the volume of all: a tick's time is its key. */
  const keep = (tick: RawTick): void => {
    const index = ticks.findLastIndex((each) => each.product === tick.product)
    const before = ticks[index]
    if (before !== undefined && before.market_time === tick.market_time && isPriced(before) && isPriced(tick)) {
      ticks[index] = { ...tick, volume: toText(new Decimal(String(before.volume)).plus(String(tick.volume))) }
      return
    }
    ticks.push(tick)
    if (ticks.length <= longestBuffer) return
    const lost = ticks.splice(0, longestBuffer / 2)
    notices.push({ type: 'time_gap', from: Number(lost[0]?.market_time), to: Number(lost.at(-1)?.market_time) })
  }

  /** Candles of the minutes that a broken connection touched and that are over. */
  const backfill = async (from: number): Promise<void> => {
    const to = options.clock.now()
    notices.push({ type: 'time_gap', from, to })
    await backfillCandles({ products: volumes.keys(), from, to, candlesOf: options.candlesOf, tell: (notice) => notices.push(notice) })
  }

  return { receive, backfill, ticks, notices }
}

/** A tick that is no evidence of a fault. */
function isPriced({ price }: RawTick): boolean {
  return typeof price === 'string' && Number(price) > 0
}
