import { describe, expect, it } from 'vitest'
import { expiryOf, intentTtlMs } from './expiry.ts'

const placedAt = 1_000_000
const stream = { market: 'coinbase', timeframeMs: 60_000 }
const replay = { market: 'replay', timeframeMs: 60_000 }
const after = (
  type: 'market' | 'limit' | 'stop' | 'take_profit',
  timeInForce: 'GTC' | 'IOC' | 'FOK',
  market: Parameters<typeof expiryOf>[0]['market'] = stream,
) => {
  const expiresAt = expiryOf({ type, timeInForce, placedAt, market })
  return expiresAt === null ? null : expiresAt - placedAt
}

describe('an order', () => {
  it('that takes what the market gives lives for 30 s of market time', () => {
    expect(intentTtlMs).toBe(30_000)
    expect([after('market', 'IOC'), after('market', 'GTC'), after('limit', 'IOC'), after('limit', 'FOK')]).toEqual([
      30_000, 30_000, 30_000, 30_000,
    ])
  })

  it('that may rest, or waits for a trigger, never expires', () => {
    expect([after('limit', 'GTC'), after('stop', 'GTC'), after('take_profit', 'GTC'), after('stop', 'IOC')]).toEqual([
      null,
      null,
      null,
      null,
    ])
  })

  it('lives for a candle in replay, where no tick need come sooner', () => {
    expect([after('market', 'IOC', replay), after('market', 'IOC', { ...replay, timeframeMs: 1000 })]).toEqual([60_000, 30_000])
  })

  it("lives for 30 s of its maker's time in a market that runs away from him", () => {
    expect(after('market', 'IOC', { ...replay, speed: 600 })).toBe(600 * 30_000)
    expect(after('market', 'IOC', { ...replay, speed: 0.5 })).toBe(60_000)
    expect(after('market', 'IOC', { ...replay, speed: 'max' })).toBe(10_000 * 30_000)
  })
})
