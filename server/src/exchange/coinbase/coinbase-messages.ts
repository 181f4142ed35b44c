import { z } from 'zod'

/** What all messages of the Advanced Trade stream share. Unknown fields are ignored: Coinbase adds some without notice. */
const envelope = z.object({
  channel: z.string(),
  timestamp: z.string(),
  sequence_num: z.int().min(0),
  events: z.array(
    z.object({ type: z.string().optional(), tickers: z.array(z.unknown()).optional(), trades: z.array(z.unknown()).optional() }),
  ),
})

/** Prices stay unknown here: the tick check judges them, so that a bad one is kept as evidence. */
const tickerFields = z.object({ product_id: z.unknown(), price: z.unknown(), best_bid: z.unknown(), best_ask: z.unknown() })

const tradeFields = z.object({
  trade_id: z.string(),
  product_id: z.string(),
  price: z.string().regex(/^\d{1,20}(\.\d{1,18})?$/),
  size: z.string().regex(/^\d{1,20}(\.\d{1,18})?$/),
  time: z.string(),
})

export type CoinbaseTicker = z.infer<typeof tickerFields>
export interface CoinbaseTrade {
  readonly tradeId: string
  readonly product: string
  readonly price: string
  readonly size: string
  readonly time: number
}

export type CoinbaseMessage =
  | { readonly type: 'tickers'; readonly sequence: number; readonly time: number; readonly tickers: readonly CoinbaseTicker[] }
  | { readonly type: 'trades'; readonly sequence: number; readonly trades: readonly CoinbaseTrade[] }
  /** Heartbeats, subscriptions, and channels we did not ask for: they only count. */
  | { readonly type: 'other'; readonly sequence: number }
  | { readonly type: 'error'; readonly detail: string }
  | { readonly type: 'malformed'; readonly detail: string; readonly raw: string }

const longestMessage = 1_000_000

/** One text frame of the stream, whatever it holds. Never throws. */
export function readCoinbaseMessage(text: string): CoinbaseMessage {
  const malformed = (detail: string): CoinbaseMessage => ({ type: 'malformed', detail: detail.slice(0, 300), raw: text.slice(0, 500) })
  if (text.length > longestMessage) return malformed(`message of ${text.length} characters`)
  const json = parseJson(text)
  if (json === undefined) return malformed('not JSON')
  const error = z.object({ type: z.literal('error'), message: z.string() }).safeParse(json)
  if (error.success) return { type: 'error', detail: error.data.message.slice(0, 300) }
  const parsed = envelope.safeParse(json)
  if (!parsed.success) return malformed(z.prettifyError(parsed.error))
  const { channel, timestamp, sequence_num: sequence, events } = parsed.data
  if (channel === 'ticker') {
    const time = timeOf(timestamp)
    const tickers = z.array(tickerFields).safeParse(events.flatMap((event) => event.tickers ?? []))
    if (time === null || !tickers.success) return malformed(`ticker of ${timestamp}`)
    return { type: 'tickers', sequence, time, tickers: tickers.data }
  }
  if (channel !== 'market_trades') return { type: 'other', sequence }
  const trades = readTrades(events.filter((event) => event.type === 'update').flatMap((event) => event.trades ?? []))
  return trades === null ? malformed('trade of an unknown shape') : { type: 'trades', sequence, trades }
}

/** Trades in order of time: Coinbase sends the newest first. */
function readTrades(raws: readonly unknown[]): CoinbaseTrade[] | null {
  const parsed = z.array(tradeFields).safeParse(raws)
  if (!parsed.success) return null
  const trades: CoinbaseTrade[] = []
  for (const { trade_id: tradeId, product_id: product, price, size, time } of parsed.data) {
    const timeMs = timeOf(time)
    if (timeMs === null) return null
    trades.push({ tradeId, product, price, size, time: timeMs })
  }
  return trades.sort((left, right) => left.time - right.time)
}

/** Ms since 1970 of an RFC 3339 text with up to nine decimals. */
function timeOf(text: string): number | null {
  const time = Date.parse(text)
  return Number.isNaN(time) || time < 0 ? null : time
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // the caller says that it is not JSON, with the text
  }
}
