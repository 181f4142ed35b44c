import type { Candle } from '../contract/candle.ts'
import type { Tick } from '../contract/tick.ts'
import { Decimal, decimal, toText } from '../money/decimal.ts'
import type { QuoteRow } from './quote-csv.ts'
import { minuteMs } from './timeframe.ts'

/** Width of the quote that is assumed where no quote file says better, in basis points of the price. */
export const defaultSpreadBps = 2

/**
 * The ticks of a candle [t, t + tf): open at t, the nearer of low and high at t + tf/3, the farther at t + 2tf/3
 * (equally far: low first), close at t + tf - 1 ms. Thirds are rounded down to whole ms.
 * Bid and ask take the column of the same moment: bid_open at the open, bid_low where the price is at its low, and so on, so
 * the candle's order holds for all three and they cannot cross. Without a quote: price -/+ half of `spreadBps`, 12 significant
 * digits, rounded away from the price.
 * The candle's volume is spread over the four ticks, so that they add up to it exactly. `candle_volume` is all of it.
 */
export function candleTicks(candle: Candle, options: CandleTicksOptions): Tick[] {
  const thirdMs = candle.timeframe_ms / 3
  const [nearer, farther] = extremesInOrder(candle)
  const moments = [
    { moment: 'open', offset: 0 },
    { moment: nearer, offset: Math.floor(thirdMs) },
    { moment: farther, offset: Math.floor(2 * thirdMs) },
    { moment: 'close', offset: candle.timeframe_ms - 1 },
  ] as const
  const volumes = quarters(candle.volume)
  return moments.map(({ moment, offset }, index) => {
    const price = candle[moment]
    const { bid, ask } = quoteAt(moment, price, options)
    return {
      product: candle.product,
      market_time: candle.start + offset,
      price,
      bid,
      ask,
      volume: volumes[index] ?? '0',
      candle_volume: candle.volume,
      last_minute_notional: options.lastMinuteNotional,
    }
  })
}

export interface CandleTicksOptions {
  readonly quote: QuoteRow | undefined
  readonly spreadBps: number
  /** What `notionalBefore` says. */
  readonly lastMinuteNotional: string | null
}

/** Quote notional of one minute of a candle: close x volume x 60,000 / timeframe. For minutes this is close x volume. */
export function lastMinuteNotional(candle: Candle): string {
  return toText(decimal(candle.close).times(candle.volume).times(minuteMs).div(candle.timeframe_ms))
}

/**
 * Quote notional of the last full minute before a candle that starts at `start`: that of the candle that ended just then. After a gap
 * nothing was traded in that minute, whatever was before the gap: null, as at the beginning.
 */
export function notionalBefore(start: number, previous: Candle | null): string | null {
  if (previous === null || previous.start + previous.timeframe_ms !== start) return null
  return lastMinuteNotional(previous)
}

type Moment = 'open' | 'high' | 'low' | 'close'

function extremesInOrder(candle: Candle): readonly ['low', 'high'] | readonly ['high', 'low'] {
  const open = decimal(candle.open)
  const toHigh = decimal(candle.high).minus(open)
  const toLow = open.minus(candle.low)
  return toHigh.lt(toLow) ? ['high', 'low'] : ['low', 'high']
}

function quoteAt(moment: Moment, price: string, { quote, spreadBps }: CandleTicksOptions): { readonly bid: string; readonly ask: string } {
  return quote === undefined ? quoteAround(price, spreadBps) : { bid: quote[`bid_${moment}`], ask: quote[`ask_${moment}`] }
}

/** Bid and ask of a price whose quote is unknown. */
export function quoteAround(price: string, spreadBps: number): { readonly bid: string; readonly ask: string } {
  const halfSpread = decimal(price).times(spreadBps).div(20_000)
  return {
    bid: toText(decimal(price).minus(halfSpread).toSignificantDigits(12, Decimal.ROUND_FLOOR)),
    ask: toText(decimal(price).plus(halfSpread).toSignificantDigits(12, Decimal.ROUND_CEIL)),
  }
}

/** Four parts of a volume that add up to it: three quarters rounded down to 8 decimals, and the rest. */
function quarters(volume: string): readonly string[] {
  const total = decimal(volume)
  const quarter = total.div(4).toDecimalPlaces(8, Decimal.ROUND_FLOOR)
  return [quarter, quarter, quarter, total.minus(quarter.times(3))].map(toText)
}
