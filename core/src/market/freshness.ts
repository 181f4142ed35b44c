import type { Tick } from '../contract/tick.ts'
import { isStale } from './market-clock.ts'

/** How old a product's last price is on the market clock. */
export interface Freshness {
  readonly product: string
  readonly last_tick_time: number | null
  /** Ms; null before the first tick. */
  readonly age_ms: number | null
  readonly is_stale: boolean
}

/** One entry per product, in their order. A product without a tick is stale. */
export function freshnessOf(options: {
  readonly products: readonly string[]
  readonly lastTicks: readonly Pick<Tick, 'product' | 'market_time'>[]
  readonly marketTime: number
  readonly staleAfterMs: number
}): Freshness[] {
  const { products, lastTicks, marketTime, staleAfterMs } = options
  return products.map((product) => {
    const tickTime = lastTicks.find((tick) => tick.product === product)?.market_time
    if (tickTime === undefined) return { product, last_tick_time: null, age_ms: null, is_stale: true }
    const age_ms = Math.max(0, marketTime - tickTime)
    return { product, last_tick_time: tickTime, age_ms, is_stale: isStale({ tickTime, marketTime, staleAfterMs }) }
  })
}
