import type { Candle } from '../contract/candle.ts'
import type { Tick } from '../contract/tick.ts'
import { Decimal, toText, zero } from '../money/decimal.ts'
import type { Denied } from '../risk/denied-reason.ts'
import { buildCandles } from './candle-builder.ts'
import { unknownProduct } from './product.ts'
import { seededRandom, type SeededRandom } from './seeded-random.ts'
import { simulatedEpoch, simulatedPath, slotMs, type Regime, type SimulatedPath } from './simulated-path.ts'
import { simulatedProduct, type SimulatedProduct } from './simulated-product.ts'
import { minuteMs } from './timeframe.ts'

/**
 * A market that is a function of seed, product and time: the same window has the same ticks whoever asks, in whatever steps, in this
 * process or the next. Nothing has to be remembered but the market time. (Logarithm, exponential and sine are those of V8.)
 */
export interface SimulatedMarket {
  readonly product: string
  /** Ticks with from <= market time < to, in order. */
  readonly ticksBetween: (window: { readonly from: number; readonly to: number }) => Tick[]
  /** One-minute candles that begin at or after `from` and end at or before `to`. */
  readonly candlesBetween: (window: { readonly from: number; readonly to: number }) => Candle[]
  readonly regimeAt: (marketTime: number) => Regime
}

export function simulatedMarket({
  seed,
  product: id,
}: {
  readonly seed: number
  readonly product: string
}): { readonly ok: true; readonly market: SimulatedMarket } | Denied {
  const simulated = simulatedProduct(id)
  if (simulated === undefined) return unknownProduct(id)
  const random = seededRandom(seed, id)
  const path = simulatedPath(random)
  const minuteAt = rememberLast((minute) => makeMinute({ simulated, random, path, minute }))
  const ticksBetween = ({ from, to }: { from: number; to: number }): Tick[] => {
    if (from < simulatedEpoch + minuteMs)
      throw new Error(`the simulated market begins at ${simulatedEpoch + minuteMs}, was asked for ${from}`)
    const ticks: Tick[] = []
    for (let minute = Math.floor(from / minuteMs); minute * minuteMs < to; minute += 1) {
      const before = minuteAt(minute - 1)
      for (const trade of minuteAt(minute).trades) {
        if (trade.market_time >= from && trade.market_time < to) ticks.push(toTick(id, trade, before))
      }
    }
    return ticks
  }
  return {
    ok: true,
    market: {
      product: id,
      ticksBetween,
      candlesBetween: ({ from, to }) =>
        buildCandles(ticksBetween({ from: Math.ceil(from / minuteMs) * minuteMs, to: to - (to % minuteMs) })),
      regimeAt: (marketTime) => path.at(slotOf(marketTime)).regime,
    },
  }
}

type Trade = Pick<Tick, 'market_time' | 'price' | 'bid' | 'ask' | 'volume'>

interface Minute {
  readonly trades: readonly Trade[]
  readonly volume: string
  /** Sum of price x volume; null where nothing was traded. */
  readonly notional: string | null
}

/** Each slot has one trade, at a random moment of it, but in the few minutes of an outage. */
function makeMinute(options: { simulated: SimulatedProduct; random: SeededRandom; path: SimulatedPath; minute: number }): Minute {
  const { simulated, random, path, minute } = options
  if (isOutage(random, minute)) return { trades: [], volume: '0', notional: null }
  const firstSlot = slotOf(minute * minuteMs)
  const trades = Array.from({ length: minuteMs / slotMs }, (_, index) => makeTrade({ simulated, random, path, slot: firstSlot + index }))
  return {
    trades,
    volume: toText(trades.reduce((total, trade) => total.plus(trade.volume), zero)),
    notional: toText(trades.reduce((total, { price, volume }) => total.plus(new Decimal(price).times(volume)), zero)),
  }
}

/** What random numbers are drawn for, apart from those of the path. */
const streams = { moment: 101, volume: 102, spread: 103, outage: 104, outageMinute: 105, outageLength: 106 }

/** How much wider the spread and how much larger the volume is than in a quiet market. */
const activity: Readonly<Record<Regime, { readonly spread: number; readonly volume: number }>> = {
  trend_up: { spread: 1, volume: 1.3 },
  trend_down: { spread: 1, volume: 1.3 },
  range: { spread: 1, volume: 0.7 },
  high_volatility: { spread: 2.5, volume: 2.5 },
}

function makeTrade(options: { simulated: SimulatedProduct; random: SeededRandom; path: SimulatedPath; slot: number }): Trade {
  const { simulated, random, path, slot } = options
  const { level, regime, spike } = path.at(slot)
  const stress = 1 + 10 * Math.abs(spike)
  const price = simulated.basePrice * Math.exp(level * simulated.dailyVolatility)
  const halfSpread =
    (price * simulated.spreadBps * activity[regime].spread * stress * (0.5 + random.uniform(streams.spread, slot))) / 20_000
  const notional =
    ((simulated.minuteNotional * slotMs) / minuteMs) *
    activity[regime].volume *
    stress *
    Math.exp(0.8 * random.gaussian(streams.volume, slot))
  const priceText = onGrid(simulated.product.quote_increment, Math.round)
  return {
    market_time: simulatedEpoch + slot * slotMs + Math.floor(random.uniform(streams.moment, slot) * slotMs),
    price: priceText(price / simulated.quoteIncrement),
    bid: onGrid(simulated.product.quote_increment, Math.floor)((price - halfSpread) / simulated.quoteIncrement),
    ask: onGrid(simulated.product.quote_increment, Math.ceil)((price + halfSpread) / simulated.quoteIncrement),
    volume: onGrid(simulated.product.base_increment, Math.round)(notional / price / simulated.baseIncrement),
  }
}

/** Text of a number of increments, rounded and at least one, exact. */
function onGrid(increment: string, round: (value: number) => number): (increments: number) => string {
  return (increments) => toText(new Decimal(increment).times(Math.max(round(increments), 1)))
}

/** In one hour of 48 nothing is traded for one to three minutes. */
function isOutage(random: SeededRandom, minute: number): boolean {
  const hour = Math.floor(minute / 60)
  if (random.uniform(streams.outage, hour) >= 1 / 48) return false
  const first = Math.floor(random.uniform(streams.outageMinute, hour) * 57)
  const length = 1 + Math.floor(random.uniform(streams.outageLength, hour) * 3)
  const offset = minute - hour * 60
  return offset >= first && offset < first + length
}

function slotOf(marketTime: number): number {
  return Math.floor((marketTime - simulatedEpoch) / slotMs)
}

function toTick(product: string, { market_time, price, bid, ask, volume }: Trade, before: Minute): Tick {
  return { product, market_time, price, bid, ask, volume, candle_volume: before.volume, last_minute_notional: before.notional }
}

/** The last two minutes are what the next step asks for again. */
function rememberLast(make: (minute: number) => Minute): (minute: number) => Minute {
  const made = new Map<number, Minute>()
  return (minute) => {
    const known = made.get(minute)
    if (known !== undefined) return known
    const fresh = make(minute)
    made.set(minute, fresh)
    const [oldest] = made.keys()
    if (made.size > 2 && oldest !== undefined) made.delete(oldest)
    return fresh
  }
}
