import type { OrderType, TimeInForce } from '../contract/order.ts'
import type { Speed } from '../market/market-clock.ts'

/**
 * How long an intent lives, in ms. By the wall clock: from being asked for to its reservation. By the market clock: from its
 * making to its first tick, where the order takes what the market gives. After that its price is one that nobody would trade on.
 */
export const intentTtlMs = 30_000

/** A market that runs as fast as the machine can is taken to be this much faster than the caller. */
const maxSpeed = 10_000

/** The market that an order waits for. `speed` only where the market does not wait for its maker: a person in a fast replay. */
export interface IntentMarket {
  readonly market: string
  readonly timeframeMs: number
  readonly speed?: Speed | undefined
}

/**
 * Market time (ms) at which an order has expired; null for one that may rest. A market order and whatever must fill at once (IOC,
 * FOK) live for `intentTtlMs`, in replay for one candle where that is longer, as no tick need come sooner. Stops and take-profits
 * wait for their trigger and then go on until they are out, so they never expire.
 */
export function expiryOf(options: {
  readonly type: OrderType
  readonly timeInForce: TimeInForce
  readonly placedAt: number
  readonly market: IntentMarket
}): number | null {
  const { type, timeInForce, placedAt, market } = options
  const isMarketable = type === 'market' || (type === 'limit' && timeInForce !== 'GTC')
  return isMarketable ? placedAt + marketTtlMs(market) : null
}

/** `intentTtlMs` on the market's clock. */
function marketTtlMs({ market, timeframeMs, speed = 1 }: IntentMarket): number {
  const callers = Math.ceil(intentTtlMs * Math.max(1, speed === 'max' ? maxSpeed : speed))
  return market === 'replay' ? Math.max(callers, timeframeMs) : callers
}
