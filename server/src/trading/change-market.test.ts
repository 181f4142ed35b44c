import { describe, expect, it } from 'vitest'
import type { MarketPlan } from '@trader/core/contract/market-messages'
import { nextPlan } from './change-market.ts'

const limits = { continue_every: 3600, history_limit: 9000 }
const streaming: MarketPlan = {
  run_id: 'run-1',
  book: 'paper',
  products: ['BTC-USD'],
  source: { market: 'coinbase', files: [], seed: 1, speed: 1, spread_bps: 2, exchange: null },
  nudge_seconds: 25,
  model: 'offline',
  historical_minutes: 60,
  until: 1_800_000_000_000,
  stream_limits: limits,
  features: { window_seconds: 300, limits },
}
const wanted = { products: undefined, loadHistory: true }

describe('the next plan of a market', () => {
  it('is the one that streams where nothing else is wanted', () => {
    expect(nextPlan(streaming, wanted)).toEqual(streaming)
    expect(nextPlan(streaming, { ...wanted, products: ['ETH-USD'] })).toEqual({ ...streaming, products: ['ETH-USD'] })
  })

  it('keeps the minutes of history through a subscription without it, so that the next start loads them', () => {
    const subscribed = nextPlan(streaming, { ...wanted, loadHistory: false })
    expect(subscribed).toEqual({ ...streaming, load_history: false })
    expect(nextPlan(subscribed, wanted)).toEqual(streaming)
  })

  it('of an exchange is at real speed, from no file, without an end', () => {
    const replay = { ...streaming, source: { ...streaming.source, market: 'replay' as const, files: ['x'], speed: 600 } }
    const source = { market: 'ccxt', files: [], seed: 1, speed: 1, spread_bps: 2, exchange: 'kraken' }
    expect(nextPlan(replay, { ...wanted, exchange: 'kraken' })).toEqual({ ...streaming, source, until: null })
  })
})
