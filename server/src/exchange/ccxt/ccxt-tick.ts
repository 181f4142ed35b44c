import { quoteAround } from '@trader/core/market/candle-ticks'
import { Decimal, toText } from '@trader/core/money/decimal'
import type { RawTick } from '../market-source.ts'
import type { CcxtTicker } from './ccxt-venue.ts'
import { exactText } from './exact-text.ts'
import type { TickVolumes } from './minute-candles.ts'

const minutesPerDay = 1440

/**
 * A ticker as a tick of the moment it came: exchanges give the time of their last trade or none, while the quote is of now. Without a
 * quote it is the price -/+ half of `spreadBps`.
 */
export function toTick(
  answer: CcxtTicker & { readonly last: string },
  { product, time, volumes, spreadBps }: { product: string; time: number; volumes: TickVolumes; spreadBps: number },
): RawTick {
  const price = exactText(answer.last)
  const assumed = Number(price) > 0 ? quoteAround(price, spreadBps) : { bid: price, ask: price }
  const bid = answer.bid == null ? assumed.bid : exactText(answer.bid)
  const ask = answer.ask == null ? assumed.ask : exactText(answer.ask)
  return { product, market_time: time, price, bid, ask, ...volumes }
}

/** Where an exchange has no candles: the average minute of the last day, as base volume and, at the last price, as notional. */
export function averageMinute({ last, baseVolume }: CcxtTicker): TickVolumes {
  const [price, dayVolume] = [last, baseVolume].map((text) => new Decimal(Number(text) > 0 ? String(text) : 0))
  const volume = (dayVolume ?? new Decimal(0)).div(minutesPerDay)
  const notional = volume.times(price ?? 0)
  return { volume: '0', candle_volume: toText(volume), last_minute_notional: notional.isZero() ? null : toText(notional) }
}
