import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Candle } from '../contract/candle.ts'
import { featureVector } from '../contract/feature-vector.ts'
import type { Tick } from '../contract/tick.ts'
import { featureCandles } from './feature-candles.ts'
import { computeFeatureVector } from './feature-vector.ts'

const minute = 60_000
const candleAt = (index: number, close: number, volume = '1'): Candle => ({
  product: 'BTC-USD',
  start: index * minute,
  timeframe_ms: minute,
  open: close.toFixed(2),
  high: (close + 1).toFixed(2),
  low: (close - 1).toFixed(2),
  close: close.toFixed(2),
  volume,
})
const tickAt = (market_time: number, price: string): Tick => ({
  product: 'BTC-USD',
  market_time,
  price,
  bid: '99.95',
  ask: '100.05',
  volume: '0',
  candle_volume: '1',
  last_minute_notional: null,
})
const rising = Array.from({ length: 200 }, (_, index) => candleAt(index, 100 + index))
const features = (candles: readonly Candle[], lastTick: Tick | null, marketTime: number) =>
  computeFeatureVector({ product: 'BTC-USD', candles, lastTick, marketTime })

describe('the feature vector', () => {
  it('is all null without data and full with 120 candles and a tick', () => {
    const empty = features([], null, 0)
    expect(Object.entries(empty).filter(([, value]) => value !== null)).toEqual([
      ['product', 'BTC-USD'],
      ['market_time', 0],
      ['candles_used', 0],
    ])
    const full = features(rising, tickAt(200 * minute - 1, '300'), 200 * minute)
    expect(Object.values(full)).not.toContain(null)
    expect(full).toMatchObject({ price: '300', candles_used: 120, sma_20: 289.5, spread_bps: expect.closeTo(10, 9) })
    expect(featureVector.parse(full)).toEqual(full)
  })

  it('measures returns from the price to the close that was known then', () => {
    const vector = features(rising, tickAt(200 * minute - 1, '330'), 200 * minute)
    expect(vector).toMatchObject({
      return_1m: expect.closeTo(330 / 298 - 1, 12),
      return_5m: expect.closeTo(330 / 294 - 1, 12),
      return_60m: expect.closeTo(330 / 239 - 1, 12),
    })
  })

  it('has no return across a gap that hides the time it is measured from', () => {
    const gapped = [...rising.slice(0, 100), ...rising.slice(195)]
    expect(features(gapped, null, 200 * minute)).toMatchObject({
      return_1m: expect.any(Number),
      return_15m: null,
      return_60m: expect.any(Number),
    })
  })

  it('does not see a candle that has not ended, nor a tick at or after its time', () => {
    const known = features(rising.slice(0, 150), null, 150 * minute)
    expect(features(rising, tickAt(150 * minute, '1'), 150 * minute)).toEqual(known)
    expect(features(rising.slice(0, 151), null, 151 * minute - 1)).toEqual({
      ...known,
      market_time: 151 * minute - 1,
      return_1m: expect.any(Number),
      return_5m: expect.any(Number),
      return_15m: expect.any(Number),
      return_60m: expect.any(Number),
    })
  })

  it('is a function of the last 120 candles alone, never NaN, for any prices', () => {
    const anyCandles = fc.array(fc.tuple(fc.integer({ min: 2, max: 1e6 }), fc.nat(2)), { minLength: 121, maxLength: 180 })
    fc.assert(
      fc.property(anyCandles, fc.nat(120), (closes, length) => {
        const candles = closes.map(([close, volume], index) => candleAt(index, close, String(volume)))
        const marketTime = candles.length * minute
        const vector = features(candles, null, marketTime)
        expect(features(candles.slice(-featureCandles), null, marketTime)).toEqual(vector)
        expect(featureVector.safeParse(vector).success).toBe(true)
        expect(featureVector.safeParse(features(candles.slice(candles.length - length), null, marketTime)).success).toBe(true)
      }),
    )
  })
})
