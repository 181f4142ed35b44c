import { describe, expect, it } from 'vitest'
import type { Candle } from '../contract/candle.ts'
import { resample } from '../market/resample.ts'
import { CandleView, closeCandle } from './candle-view.ts'
import { type Columns, firstRowFrom, sliceColumns } from './columns.ts'
import { resampleColumns } from './resample-columns.ts'
import { walkCandles } from './testing/walk-candles.ts'

function candlesOf(columns: Columns): Candle[] {
  return Array.from(columns.start, (start, row) => ({
    product: columns.product,
    start,
    timeframe_ms: columns.timeframeMs,
    open: String(columns.open[row]),
    high: String(columns.high[row]),
    low: String(columns.low[row]),
    close: String(columns.close[row]),
    volume: columns.volume[row]!.toFixed(8),
  }))
}

describe('columns', () => {
  it('are resampled as candles are, but for a last candle that is not over', () => {
    for (const timeframeMs of [300_000, 3_600_000]) {
      const columns = walkCandles({ seed: 3, rows: 1003, gaps: 0.03 })
      const expected = [...resample(candlesOf(columns), timeframeMs)]
      const last = columns.start.at(-1)! + 60_000
      if (expected.at(-1)!.start + timeframeMs > last) expected.pop()
      const longer = resampleColumns(columns, timeframeMs)
      expect(longer.rows).toBe(expected.length)
      for (const [row, candle] of expected.entries()) {
        expect(longer.start[row]).toBe(candle.start)
        for (const name of ['open', 'high', 'low', 'close'] as const) expect(longer[name][row]).toBe(Number(candle[name]))
        expect(longer.volume[row]).toBeCloseTo(Number(candle.volume), 6)
      }
    }
    expect(() => resampleColumns(walkCandles({ seed: 3, rows: 10 }), 90_000)).toThrow('of 1m cannot be resampled to 90000ms')
  })

  it('are cut without a copy, and searched by time', () => {
    const columns = walkCandles({ seed: 4, rows: 100, gaps: 0.1 })
    expect(firstRowFrom(columns, columns.start[40]!)).toBe(40)
    expect(firstRowFrom(columns, columns.start[40]! + 1)).toBe(41)
    expect(firstRowFrom(columns, 9e15)).toBe(100)
    const part = sliceColumns(columns, { from: 40, to: 60 })
    expect(part.rows).toBe(20)
    expect(part.close[0]).toBe(columns.close[40])
    expect(part.close.buffer).toBe(columns.close.buffer)
  })
})

describe('the view of candles', () => {
  it('shows what has closed and fails on everything else', () => {
    const columns = walkCandles({ seed: 5, rows: 10 })
    const view = new CandleView(columns)
    expect(view.count).toBe(0)
    expect(() => view.close()).toThrow('BTC-USD has 0 closed candles')
    closeCandle(view, 3)
    expect(view.count).toBe(4)
    expect(view.close()).toBe(columns.close[3])
    expect(view.high(3)).toBe(columns.high[0])
    expect(() => view.close(-1)).toThrow('candle 1 after the present one of BTC-USD has not closed yet')
    expect(() => view.close(4)).toThrow('asked for the one 4 before the newest')
    expect(() => view.close(0.5)).toThrow('counted back in whole numbers')
    expect(() => view.close(Number.NaN)).toThrow(RangeError)
  })
})
