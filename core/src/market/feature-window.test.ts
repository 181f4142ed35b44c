import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Candle } from '../contract/candle.ts'
import type { Tick } from '../contract/tick.ts'
import { addBatch, addCandles, featuresOf, historicalTicks, maximumTicks, startFeatureWindow } from './feature-window.ts'

const tickAt = (market_time: number, price = '100'): Tick => ({
  product: 'BTC-USD',
  market_time,
  price,
  bid: price,
  ask: price,
  volume: '1',
  candle_volume: '1',
  last_minute_notional: null,
})
const history: Candle[] = [
  { product: 'BTC-USD', start: 0, timeframe_ms: 60_000, open: '99', high: '99', low: '99', close: '99', volume: '1' },
]
const empty = startFeatureWindow({ product: 'BTC-USD', timeframeMs: 60_000, windowSeconds: 300, history })

const anyTicks = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 40_000 }), fc.integer({ min: 1, max: 999 })), { minLength: 1, maxLength: 80 })
  .map((steps) => {
    let time = 60_000
    return steps.map(([gap, price]) => {
      time += gap
      return tickAt(time, String(price))
    })
  })

describe('the feature window', () => {
  it('is the same however the ticks are cut into batches, and whichever batches come again', () => {
    fc.assert(
      fc.property(anyTicks, fc.array(fc.tuple(fc.nat(20), fc.nat(3))), (ticks, cuts) => {
        const whole = addBatch(empty, ticks)
        let window = empty
        let from = 0
        for (const [size, repeats] of [...cuts, [ticks.length, 1] as const]) {
          const batch = ticks.slice(from, from + size)
          const before = ticks.slice(Math.max(0, from - repeats), from + size)
          for (const part of [batch, before, batch]) window = addBatch(window, part)
          from += size
        }
        expect(window).toEqual(whole)
        expect(JSON.parse(JSON.stringify(window))).toEqual(whole)
      }),
    )
  })

  it('drops duplicate and late ticks, those of history, and those of other products', () => {
    const window = addBatch(empty, [
      tickAt(59_999),
      tickAt(70_000),
      tickAt(70_000, '5'),
      tickAt(65_000),
      { ...tickAt(80_000), product: 'ETH-USD' },
    ])
    expect(historicalTicks(window)).toEqual([{ market_time: 70_000, price: '100' }])
  })

  it('keeps the window and no more', () => {
    const window = addBatch(empty, [tickAt(100_000), tickAt(200_000), tickAt(400_000)])
    expect(historicalTicks(window).map((tick) => tick.market_time)).toEqual([200_000, 400_000])
    expect(historicalTicks(window, 200_000).map((tick) => tick.market_time)).toEqual([400_000])
    const busy = addBatch(
      empty,
      Array.from({ length: 5000 }, (_, index) => tickAt(100_000 + index)),
    )
    expect(busy.ticks).toHaveLength(maximumTicks)
    expect(busy.ticks.at(-1)?.market_time).toBe(104_999)
  })

  it('counts the open candle once its time is over', () => {
    const window = addBatch(empty, [tickAt(60_000), tickAt(100_000, '110')])
    expect(featuresOf(window, 119_999)).toMatchObject({ candles_used: 1, price: '110' })
    expect(featuresOf(window, 120_000)).toMatchObject({ candles_used: 2 })
  })

  it('holds at most 120 candles', () => {
    const window = addBatch(
      empty,
      Array.from({ length: 200 }, (_, index) => tickAt(60_000 * (index + 1))),
    )
    expect(window.candles).toHaveLength(120)
  })

  it('takes candles of a time it missed in place of its own, and then no tick of that time', () => {
    const candleAt = (minute: number, close = '120'): Candle => ({
      product: 'BTC-USD',
      start: minute * 60_000,
      timeframe_ms: 60_000,
      open: close,
      high: close,
      low: close,
      close,
      volume: '7',
    })
    const broken = addBatch(empty, [tickAt(60_000), tickAt(125_000)])
    const mended = addCandles(broken, [candleAt(2), candleAt(3), { ...candleAt(4), product: 'ETH-USD' }])
    expect(mended.candles.map((candle) => [candle.start, candle.volume])).toEqual([
      [0, '1'],
      [60_000, '1'],
      [120_000, '7'],
      [180_000, '7'],
    ])
    expect(mended.open_candle).toBeNull()
    expect(addBatch(mended, [tickAt(239_999)])).toEqual(mended)
    const later = addBatch(mended, [tickAt(240_000), tickAt(300_000)])
    expect(later.candles.map((candle) => candle.start)).toEqual([0, 60_000, 120_000, 180_000, 240_000])
    expect(addCandles(later, [candleAt(1, '130')])).toEqual({
      ...later,
      candles: later.candles.map((candle) => (candle.start === 60_000 ? candleAt(1, '130') : candle)),
    })
  })
})
