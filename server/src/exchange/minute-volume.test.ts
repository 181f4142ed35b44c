import { describe, expect, it } from 'vitest'
import { addTrade, lastFullMinute, noVolume } from './minute-volume.ts'

const trades = [
  { price: '10', size: '1', time: 60_000 },
  { price: '20', size: '0.5', time: 119_999 },
  { price: '10', size: '4', time: 120_000 },
]
const counted = trades.reduce(addTrade, noVolume)

describe('the volume of the last full minute', () => {
  it('is what was traded in the minute before the one of the tick', () => {
    expect(lastFullMinute(counted, 125_000)).toEqual({ candle_volume: '1.5', last_minute_notional: '20' })
    expect(lastFullMinute(counted, 180_000)).toEqual({ candle_volume: '4', last_minute_notional: '40' })
  })

  it('is zero after a minute without a trade, and before any', () => {
    expect(lastFullMinute(counted, 240_000)).toEqual({ candle_volume: '0', last_minute_notional: null })
    expect(lastFullMinute(noVolume, 240_000)).toEqual({ candle_volume: '0', last_minute_notional: null })
  })

  it('does not count a trade of a minute that is over', () => {
    expect(addTrade(counted, { price: '1', size: '1', time: 119_000 })).toEqual(counted)
  })
})
