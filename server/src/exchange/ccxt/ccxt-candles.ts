import { z } from 'zod'
import { candle as candleSchema, type Candle } from '@trader/core/contract/candle'
import { minuteMs } from '@trader/core/market/timeframe'
import { exactText } from './exact-text.ts'
import type { CcxtCandle, CcxtVenue } from './ccxt-venue.ts'

/** Fewer than any exchange's most, so that a page is never cut from the wrong end. */
const candlesPerPage = 200

/** One-minute candles that begin at or after `from` and end at or before `to`, oldest first; none where the exchange has none. */
export async function fetchMinuteCandles(
  venue: CcxtVenue,
  { product, from, to }: { readonly product: string; readonly from: number; readonly to: number },
): Promise<Candle[]> {
  if (!venue.has.minuteCandles) return []
  const candles = new Map<number, Candle>()
  let since = Math.ceil(from / minuteMs) * minuteMs
  while (since + minuteMs <= to) {
    const limit = Math.min(candlesPerPage, Math.ceil((to - since) / minuteMs))
    const page = (await venue.minuteCandles(product, { since, limit })).filter(([start]) => start >= since)
    for (const row of page) if (row[0] + minuteMs <= to) candles.set(row[0], toCandle(venue.name, product, row))
    const last = Math.max(...page.map(([start]) => start))
    // An empty page is a pause in trading as long as the page.
    since = page.length === 0 ? since + limit * minuteMs : last + minuteMs
  }
  return [...candles.values()].sort((left, right) => left.start - right.start)
}

function toCandle(venue: string, product: string, [start, ...amounts]: CcxtCandle): Candle {
  const [open, high, low, close, volume] = amounts.map((amount) => exactText(amount ?? '0'))
  const candle = candleSchema.safeParse({ product, start, timeframe_ms: minuteMs, open, high, low, close, volume })
  if (!candle.success) throw new Error(`${venue}'s candle of ${product} at ${start} is malformed: ${z.prettifyError(candle.error)}`)
  return candle.data
}
