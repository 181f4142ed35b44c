import { describe, expect, it } from 'vitest'
import { freshnessOf } from './freshness.ts'

describe('the freshness of prices', () => {
  it('is the age of each last tick on the market clock, stale beyond the limit and without a tick', () => {
    const lastTicks = [
      { product: 'BTC-USD', market_time: 95_000 },
      { product: 'ETH-USD', market_time: 94_999 },
    ]
    const products = ['BTC-USD', 'ETH-USD', 'SOL-USD']
    expect(freshnessOf({ products, lastTicks, marketTime: 100_000, staleAfterMs: 5000 })).toEqual([
      { product: 'BTC-USD', last_tick_time: 95_000, age_ms: 5000, is_stale: false },
      { product: 'ETH-USD', last_tick_time: 94_999, age_ms: 5001, is_stale: true },
      { product: 'SOL-USD', last_tick_time: null, age_ms: null, is_stale: true },
    ])
  })
})
