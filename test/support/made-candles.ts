import { seededRandom } from '@trader/core/market/seeded-random'
import { minuteMs } from '@trader/core/market/timeframe'

/**
 * Minute candles of a product as the rows of a candle file, made from a seed: the same everywhere and always. Not a real market, but
 * with what a replay must cope with: rises strong enough to buy and so mild that their cost eats them, falls, quiet times, volumes
 * that are often too thin for one fill, single minutes without a trade and now and then a quarter of an hour.
 */
export interface MadeMarket {
  readonly seed: number
  /** First minute, ms since 1970. */
  readonly from: number
  readonly minutes: number
  readonly openingPrice: number
  /** Base units of a usual minute. */
  readonly usualVolume: number
}

/** Percent of the price per hour, and how long such a time lasts, in minutes. They follow each other in this order, each drawn a little longer or shorter. */
const regimes = [
  { drift: 0, minutes: 62 },
  { drift: 5, minutes: 55 },
  { drift: -4, minutes: 50 },
  { drift: 0.9, minutes: 60 },
  { drift: 0, minutes: 40 },
  { drift: 3, minutes: 70 },
  { drift: -6, minutes: 40 },
] as const
/** One standard deviation of a minute, as a fraction of the price. */
const noise = 0.0008
/** Of the logarithm of a minute's volume. */
const volumeSpread = 1.1
const streams = { close: 1, wick: 2, volume: 3, length: 4, gap: 5, longGap: 6 }

export function madeCandles({ seed, from, minutes, openingPrice, usualVolume }: MadeMarket): string[] {
  const random = seededRandom(seed, 'made candles')
  const drift = driftsOf(random, minutes)
  const rows: string[] = []
  let open = openingPrice
  for (let minute = 0; minute < minutes; minute += 1) {
    const close = open * (1 + (drift[minute] ?? 0) + noise * random.gaussian(streams.close, minute))
    const wick = (part: number): number => noise * Math.abs(random.gaussian(streams.wick, minute, part)) * 0.5
    const [high, low] = [Math.max(open, close) * (1 + wick(0)), Math.min(open, close) * (1 - wick(1))]
    const volume = usualVolume * Math.exp(volumeSpread * random.gaussian(streams.volume, minute))
    const prices = [open, high, low, close].map((price) => price.toFixed(2))
    if (!isGap(random, minute)) rows.push([from + minute * minuteMs, ...prices, volume.toFixed(8)].join(','))
    open = Number(prices[3])
  }
  return rows
}

/** What each minute adds to the price, as a fraction of it. */
function driftsOf(random: ReturnType<typeof seededRandom>, minutes: number): number[] {
  const drifts: number[] = []
  for (let place = 0; drifts.length < minutes; place += 1) {
    const regime = regimes[place % regimes.length] ?? regimes[0]
    const length = Math.round(regime.minutes * (0.85 + 0.3 * random.uniform(streams.length, place)))
    drifts.push(...Array.from({ length }, () => regime.drift / 100 / 60))
  }
  return drifts
}

/** One minute in a hundred; and one quarter of an hour in ten hours. */
function isGap(random: ReturnType<typeof seededRandom>, minute: number): boolean {
  const span = Math.floor(minute / 15)
  return minute > 0 && (random.uniform(streams.gap, minute) < 0.01 || (span > 4 && random.uniform(streams.longGap, span) < 1 / 40))
}
