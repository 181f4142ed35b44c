import type { Candle } from '@trader/core/contract/candle'
import { minuteMs } from '@trader/core/market/timeframe'
import { describeError } from '../exit-code.ts'
import type { MarketNotice } from './market-source.ts'

export type CandlesOf = (product: string, from: number, to: number) => Promise<Candle[]>

/** Features look back 120 minutes: after a longer absence the older candles are not asked for. */
const longestBackfillMs = 4 * 60 * minuteMs

/** Asks for the candles of the minutes that an absence [from, to] touched and that are over, and tells of each product's. */
export async function backfillCandles(options: {
  readonly products: Iterable<string>
  readonly from: number
  readonly to: number
  readonly candlesOf: CandlesOf
  readonly tell: (notice: MarketNotice) => void
}): Promise<void> {
  const { products, from, to, candlesOf, tell } = options
  const first = Math.max(from - (from % minuteMs), to - longestBackfillMs)
  for (const product of products) {
    try {
      const candles = await candlesOf(product, first, to)
      if (candles.length > 0) tell({ type: 'backfilled', candles })
    } catch (cause) {
      tell({ type: 'backfill_failed', product, detail: describeError(cause).slice(0, 500) })
    }
  }
}
