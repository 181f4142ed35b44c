import { describe, expect, it } from 'vitest'
import { averageMinute, toTick } from './ccxt-tick.ts'
import { exactText } from './exact-text.ts'

describe('an amount of an exchange', () => {
  it.each([
    ['1e-7', '0.0000001'],
    ['00.10', '0.1'],
    ['.5', '0.5'],
    ['12345678901234567890.123456789012345678', '12345678901234567890.123456789012345678'],
    ['1e-400', '0'],
  ])('%s is %s', (text, exact) => expect(exactText(text)).toBe(exact))

  it.each(['NaN', '', 'Infinity', '1e30', '0x10', '1e9999', '1,5', ' '])('%j stays as it came', (text) =>
    expect(exactText(text)).toBe(text),
  )
})

describe('a ticker', () => {
  const volumes = { volume: '0', candle_volume: '0', last_minute_notional: null }
  const at = { product: 'BTC-USD', time: 5, volumes, spreadBps: 2 }

  it.each(['NaN', '-1', 'x'])('with the price %s is left to the tick check', (last) => {
    expect(toTick({ last, bid: null, ask: null, info: {} }, at)).toMatchObject({ price: last, bid: last, ask: last })
  })

  it('has the average minute of its day', () => {
    expect(averageMinute({ last: '10', baseVolume: '1440', info: {} })).toEqual({
      volume: '0',
      candle_volume: '1',
      last_minute_notional: '10',
    })
    expect(averageMinute({ last: '10', baseVolume: null, info: {} })).toMatchObject({ candle_volume: '0', last_minute_notional: null })
  })
})
