import { candleCsv } from '@trader/core/market/candle-csv'
import { seededRandom } from '@trader/core/market/seeded-random'
import { minuteMs } from '@trader/core/market/timeframe'

/** Minutes before the first decision: what the features need to see a trend. */
export const historyMinutes = 120

const product = 'BTC-USD'
/** 2024-03-01T00:00:00Z. */
const begins = 1_709_251_200_000
const openingPrice = 60_000
/** One standard deviation of a minute, as a fraction of the price. */
const noise = 0.0009
/** Quiet minutes after the history, the minutes of the rise, and a long quiet end that nobody waits for. */
const [quietMinutes, risingMinutes, restMinutes] = [3, 60, 1200]
/** Fraction of the price that a minute of the rise adds. */
const rise = 0.0015
/** Units of BTC traded in a minute; once the price is high the market is so thin that a sale takes several minutes. */
const [usualVolume, thinVolume] = [40, 0.07]
const thinFromMinute = historyMinutes + quietMinutes + 26

/** A file of minute candles and what a replay needs to know of it. */
export interface DemoMarket {
  readonly product: string
  readonly fileName: string
  readonly csv: string
}

/**
 * The market of the demo: two hours of noise, then a rise strong enough for the offline trader to buy into and to reach its
 * take-profit. It was made for that purpose, and it is the same at every start.
 */
export function demoMarket(): DemoMarket {
  const random = seededRandom(7, 'demo market')
  const minutes = historyMinutes + quietMinutes + risingMinutes + restMinutes
  const rows: string[] = []
  let trend = openingPrice
  let open = openingPrice
  for (let minute = 0; minute < minutes; minute += 1) {
    if (isRising(minute)) trend *= 1 + rise
    const close = trend * (1 + noise * random.gaussian(0, minute))
    const prices = [open, Math.max(open, close) * 1.0001, Math.min(open, close) * 0.9999, close].map((price) => price.toFixed(2))
    const volume = minute < thinFromMinute ? usualVolume : thinVolume
    rows.push([begins + minute * minuteMs, ...prices, volume].join(','))
    open = close
  }
  return { product, fileName: `demo_${product}_1m.csv`, csv: [candleCsv.header, ...rows, ''].join('\n') }
}

function isRising(minute: number): boolean {
  const since = minute - historyMinutes - quietMinutes
  return since >= 0 && since < risingMinutes
}
