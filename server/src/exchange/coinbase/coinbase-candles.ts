import { z } from 'zod'
import { candle as candleSchema, type Candle } from '@trader/core/contract/candle'
import { minuteMs } from '@trader/core/market/timeframe'

/** Coinbase does not know the product, or does not trade it any more. */
export class UnknownAtCoinbase extends Error {}

const answer = z.object({
  candles: z.array(
    z.object({
      start: z.string().regex(/^\d{1,12}$/),
      open: z.string(),
      high: z.string(),
      low: z.string(),
      close: z.string(),
      volume: z.string(),
    }),
  ),
})

/** Most candles in one answer (350), with one to spare. */
const candlesPerRequest = 349

/** One-minute candles that begin at or after `from` and end at or before `to`, from Coinbase's public REST, oldest first. */
export async function fetchCandles(options: {
  readonly restUrl: URL
  readonly product: string
  readonly from: number
  readonly to: number
  readonly signal?: AbortSignal
}): Promise<Candle[]> {
  const candles = new Map<number, Candle>()
  const spanMs = candlesPerRequest * minuteMs
  for (let from = Math.ceil(options.from / minuteMs) * minuteMs; from + minuteMs <= options.to; from += spanMs) {
    const to = Math.min(from + spanMs, options.to)
    for (const candle of await fetchPage({ ...options, from, to })) {
      if (candle.start >= from && candle.start + minuteMs <= to) candles.set(candle.start, candle)
    }
  }
  return [...candles.values()].sort((left, right) => left.start - right.start)
}

async function fetchPage({ restUrl, product, from, to, signal }: Parameters<typeof fetchCandles>[0]): Promise<Candle[]> {
  const url = new URL(`/api/v3/brokerage/market/products/${encodeURIComponent(product)}/candles`, restUrl)
  url.search = new URLSearchParams({
    start: String(Math.floor(from / 1000)),
    end: String(Math.ceil(to / 1000)),
    granularity: 'ONE_MINUTE',
    limit: '350',
  }).toString()
  const timeout = AbortSignal.timeout(10_000)
  const response = await fetch(url, { signal: signal ? AbortSignal.any([signal, timeout]) : timeout, redirect: 'error' })
  if (response.status === 404) throw new UnknownAtCoinbase(`Coinbase does not know ${product}`)
  if (!response.ok) throw new Error(`Coinbase answered ${response.status} for candles of ${product}`)
  const parsed = answer.safeParse(await response.json())
  if (!parsed.success) throw new Error(`Coinbase's candles of ${product} have an unknown shape: ${z.prettifyError(parsed.error)}`)
  return parsed.data.candles.map((row) => {
    const candle = candleSchema.safeParse({ product, ...row, start: Number(row.start) * 1000, timeframe_ms: minuteMs })
    if (!candle.success) throw new Error(`Coinbase's candle of ${product} at ${row.start} is malformed: ${z.prettifyError(candle.error)}`)
    return candle.data
  })
}
