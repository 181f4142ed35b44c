import { describe, expect, it } from 'vitest'
import type { Candle } from '../contract/candle.ts'
import { resample } from './resample.ts'
import { timeframeMs, timeframeName } from './timeframe.ts'

const minute = (index: number, open: string, high: string, low: string, close: string): Candle => ({
  product: 'BTC-USD',
  start: index * 60_000,
  timeframe_ms: 60_000,
  open,
  high,
  low,
  close,
  volume: '0.1',
})

describe('longer candles', () => {
  it('are the first open, the extremes, the last close and the exact sum of volumes', () => {
    const candles = [
      ...resample([minute(5, '10', '11', '9', '10'), minute(6, '10', '10', '8', '9'), minute(9, '9', '12', '9', '11')], 300_000),
    ]
    expect(candles).toEqual([
      { product: 'BTC-USD', start: 300_000, timeframe_ms: 300_000, open: '10', high: '12', low: '8', close: '11', volume: '0.3' },
    ])
  })

  it('leave gaps as gaps', () => {
    const candles = [...resample([minute(0, '1', '1', '1', '1'), minute(20, '2', '2', '2', '2')], 300_000)]
    expect(candles.map((candle) => candle.start)).toEqual([0, 1_200_000])
  })

  it('refuse a timeframe that is not a multiple', () => {
    expect(() => [...resample([minute(0, '1', '1', '1', '1')], 90_000)]).toThrow('not a whole multiple')
  })

  it('have names', () => {
    expect(timeframeMs('1h')).toBe(3_600_000)
    expect(timeframeMs('7x')).toBeUndefined()
    expect(timeframeName(86_400_000)).toBe('1d')
    expect(timeframeName(7)).toBe('7ms')
  })
})
