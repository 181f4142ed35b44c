import { describe, expect, it } from 'vitest'
import { addTickToCandle, buildCandles } from './candle-builder.ts'

const tick = (market_time: number, price: string, volume = '1') => ({ product: 'BTC-USD', market_time, price, volume })

describe('candles from ticks', () => {
  it('opens, widens and closes a minute, and leaves a gap as a gap', () => {
    const candles = buildCandles([tick(0, '10'), tick(20_000, '12', '0.5'), tick(59_999, '9'), tick(180_000, '11')])
    expect(candles.map(({ start, open, high, low, close, volume }) => [start, open, high, low, close, volume])).toEqual([
      [0, '10', '12', '9', '9', '2.5'],
      [180_000, '11', '11', '11', '11', '1'],
    ])
  })

  it('compares prices as amounts, not as text', () => {
    expect(buildCandles([tick(0, '9.5'), tick(1, '10.5')])[0]).toMatchObject({ high: '10.5', low: '9.5' })
  })

  it('hands over the finished candle with the first tick of the next', () => {
    const first = addTickToCandle(null, tick(59_999, '10'))
    expect(first.closed).toBeNull()
    expect(addTickToCandle(first.open, tick(60_000, '11')).closed).toEqual(first.open)
  })

  it('does not take a tick of an earlier candle', () => {
    const { open } = addTickToCandle(null, tick(60_000, '10'))
    expect(() => addTickToCandle(open, tick(1, '10'))).toThrow('tick of BTC-USD at 1 is before the candle of 60000')
  })
})
