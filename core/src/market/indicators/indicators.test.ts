import fc from 'fast-check'
import { ATR, BollingerBands as ReferenceBands, EMA, MACD, ROC, RSI, SMA, VWAP } from 'trading-signals'
import { describe, expect, it } from 'vitest'
import { atr, type Bar } from './atr.ts'
import { bollinger } from './bollinger.ts'
import { ema } from './ema.ts'
import { macd } from './macd.ts'
import { priceReturn } from './price-return.ts'
import { realizedVolatility } from './realized-volatility.ts'
import { rsi } from './rsi.ts'
import { sma } from './sma.ts'
import { vwap } from './vwap.ts'

/** A random walk of 60 to 140 candles with gaps between them, some with no volume and some that do not move. */
const bars = fc
  .array(fc.tuple(fc.integer({ min: -300, max: 300 }), fc.nat(50), fc.nat(50), fc.nat(1000), fc.integer({ min: -90, max: 90 })), {
    minLength: 60,
    maxLength: 140,
  })
  .map((steps) => {
    let close = 5000
    return steps.map(([move, up, down, volume, gap]) => {
      const open = Math.max(close + gap, 100)
      close = Math.max(open + move, 100)
      return { open, close, high: Math.max(open, close) + up, low: Math.max(Math.min(open, close) - down, 1), volume: volume / 10 }
    })
  })

const near = (actual: number | null | undefined, expected: number | null | undefined): void => {
  expect(actual).not.toBeNull()
  const scale = Math.max(1, Math.abs(expected ?? 0))
  expect(Math.abs((actual ?? Number.NaN) - (expected ?? Number.NaN)) / scale).toBeLessThan(1e-9)
}

/** What the library says after the last value. */
const last = <Input, Result>(indicator: { add: (input: Input) => Result }, inputs: readonly Input[]): Result | undefined =>
  inputs.map((input) => indicator.add(input)).at(-1)

const forAnyBars = (check: (candles: (Bar & { open: number; volume: number })[], closes: number[]) => void): void =>
  fc.assert(
    fc.property(bars, (candles) =>
      check(
        candles,
        candles.map((bar) => bar.close),
      ),
    ),
  )

describe('indicators agree with trading-signals on random candles', () => {
  it('SMA', () => forAnyBars((_, closes) => near(sma(closes, 20), last(new SMA(20), closes))))
  it('EMA', () => forAnyBars((_, closes) => near(ema(closes, 12), last(new EMA(12), closes))))
  it('RSI', () =>
    forAnyBars((_, closes) => {
      fc.pre(new Set(closes).size > 1)
      near(rsi(closes), last(new RSI(14), closes))
    }))
  it('MACD', () =>
    forAnyBars((_, closes) => {
      const [ours, theirs] = [macd(closes), last(new MACD(new EMA(12), new EMA(26), new EMA(9)), closes)]
      near(ours.macd, theirs?.macd)
      near(ours.signal, theirs?.signal)
      near(ours.histogram, theirs?.histogram)
    }))
  it('ATR', () => forAnyBars((candles) => near(atr(candles), last(new ATR(14), candles))))
  it('Bollinger bands', () =>
    forAnyBars((_, closes) => {
      const [ours, theirs] = [bollinger(closes), last(new ReferenceBands(20, 2), closes)]
      near(ours?.upper, theirs?.upper)
      near(ours?.middle, theirs?.middle)
      near(ours?.lower, theirs?.lower)
    }))
  it('VWAP', () =>
    forAnyBars((candles) => {
      const traded = candles.filter((candle) => candle.volume > 0)
      fc.pre(traded.length > 0)
      near(vwap(candles), last(new VWAP(), traded))
    }))
  it('return', () => forAnyBars((_, closes) => near(priceReturn(closes.at(-1) ?? 0, closes.at(-6) ?? 0), last(new ROC(5), closes))))
})

describe('indicators at their edges', () => {
  const flat = Array.from({ length: 40 }, () => 100)

  it('are null while there is not enough data', () => {
    expect([sma([1], 2), ema([1], 2), rsi(flat.slice(0, 14)), atr([], 14), bollinger([1]), vwap([])]).toEqual(Array(6).fill(null))
    expect(macd(flat.slice(0, 25))).toEqual({ macd: null, signal: null, histogram: null })
    expect(macd(flat.slice(0, 33))).toMatchObject({ macd: expect.any(Number), signal: null, histogram: null })
    expect(realizedVolatility(flat.slice(0, 20), { timeframeMs: 60_000 })).toBeNull()
    expect(priceReturn(1, null)).toBeNull()
  })

  it('RSI is 50 where nothing moves, 100 without a loss, 0 without a gain', () => {
    expect(rsi(flat)).toBe(50)
    expect(rsi(flat.map((price, index) => price + index))).toBe(100)
    expect(rsi(flat.map((price, index) => price - index))).toBe(0)
  })

  it('VWAP is null when nothing was traded', () => {
    expect(vwap([{ high: 1, low: 1, close: 1, volume: 0 }])).toBeNull()
  })

  it('realized volatility of a steady 1 % a day is 1 % x sqrt(365.25)', () => {
    const closes = Array.from({ length: 31 }, (_, index) => Math.exp(0.01 * index))
    near(realizedVolatility(closes, { timeframeMs: 86_400_000 }), 0.01 * Math.sqrt(365.25))
    expect(realizedVolatility(flat, { timeframeMs: 60_000 })).toBe(0)
  })
})
