import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Candle } from '../contract/candle.ts'
import { tick as tickSchema } from '../contract/tick.ts'
import { buildCandles } from './candle-builder.ts'
import { candleTicks, lastMinuteNotional, notionalBefore, quoteAround } from './candle-ticks.ts'

const candle: Candle = {
  product: 'BTC-USD',
  start: 120_000,
  timeframe_ms: 60_000,
  open: '100',
  high: '110',
  low: '95',
  close: '105',
  volume: '8',
}
const options = { quote: undefined, spreadBps: 2, lastMinuteNotional: '500' }
const prices = (changes: Partial<Candle>) => candleTicks({ ...candle, ...changes }, options).map((tick) => tick.price)

/** A possible candle with prices in cents. */
const anyCandle = fc
  .record({
    prices: fc.tuple(fc.nat(9999), fc.nat(9999), fc.nat(9999), fc.nat(9999)),
    volume: fc.nat(1_000_000_000),
    timeframe: fc.constantFrom(60_000, 300_000, 86_400_000),
  })
  .map(({ prices: cents, volume, timeframe }): Candle => {
    const text = (value: number): string => ((value + 1) / 100).toFixed(2)
    const [low, open, close, high] = [...cents].sort((a, b) => a - b)
    const [first, last] = cents[0] % 2 === 0 ? [open, close] : [close, open]
    return {
      product: 'ETH-USD',
      start: timeframe * 7,
      timeframe_ms: timeframe,
      open: text(first ?? 0),
      high: text(high ?? 0),
      low: text(low ?? 0),
      close: text(last ?? 0),
      volume: (volume / 1e8).toFixed(8),
    }
  })

describe('a candle as ticks', () => {
  it('opens, goes to the nearer extreme, then to the farther, and closes a millisecond before its end', () => {
    expect(candleTicks(candle, options).map((tick) => [tick.market_time, tick.price])).toEqual([
      [120_000, '100'],
      [140_000, '95'],
      [160_000, '110'],
      [179_999, '105'],
    ])
    expect(prices({ high: '104', close: '103' })).toEqual(['100', '104', '95', '103'])
  })

  it('goes to the low first when both are equally far, exactly', () => {
    expect(prices({ high: '105' })).toEqual(['100', '95', '105', '105'])
    expect(prices({ open: '0.3', high: '0.4', low: '0.2', close: '0.3' })).toEqual(['0.3', '0.2', '0.4', '0.3'])
  })

  it('quotes half the spread on either side where no quote file is', () => {
    expect(candleTicks(candle, options)[0]).toMatchObject({ bid: '99.99', ask: '100.01' })
    expect(quoteAround('0.00001234', 2)).toEqual({ bid: '0.000012338766', ask: '0.000012341234' })
  })

  it('takes bid and ask of the same moment from the quote', () => {
    const quote = {
      start: 120_000,
      bid_open: '99',
      bid_high: '109',
      bid_low: '94',
      bid_close: '104',
      ask_open: '101',
      ask_high: '111',
      ask_low: '96',
      ask_close: '106',
    }
    expect(candleTicks(candle, { ...options, quote }).map((tick) => [tick.bid, tick.ask])).toEqual([
      ['99', '101'],
      ['94', '96'],
      ['109', '111'],
      ['104', '106'],
    ])
  })

  it('tells the candle volume to every tick and the notional of the candle before', () => {
    for (const tick of candleTicks(candle, options))
      expect(tick).toMatchObject({ candle_volume: '8', volume: '2', last_minute_notional: '500' })
    expect(lastMinuteNotional(candle)).toBe('840')
    expect(lastMinuteNotional({ ...candle, timeframe_ms: 600_000 })).toBe('84')
  })

  it('knows no notional of the last full minute after a gap, nor at the beginning', () => {
    const end = candle.start + candle.timeframe_ms
    expect(notionalBefore(end, candle)).toBe('840')
    expect(notionalBefore(end + 60_000, candle)).toBeNull()
    expect(notionalBefore(end, null)).toBeNull()
  })

  it('gives ticks of the contract that build the same candle again, for any candle', () => {
    fc.assert(
      fc.property(anyCandle, (original) => {
        const ticks = candleTicks(original, options)
        for (const tick of ticks) expect(tickSchema.safeParse(tick).success).toBe(true)
        const [rebuilt] = buildCandles(ticks, original.timeframe_ms)
        expect({ ...rebuilt, volume: Number(rebuilt?.volume) }).toEqual({ ...original, volume: Number(original.volume) })
      }),
    )
  })
})
