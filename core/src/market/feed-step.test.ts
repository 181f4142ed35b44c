import { describe, expect, it } from 'vitest'
import { isStepped, nextFeedStep } from './feed-step.ts'

const start = 1_700_000_000_000 // 25 s into no minute: 1_700_000_000 is a multiple of 25 but not of 60
const minute = { nudgeSeconds: 25, timeframeMs: 60_000, stopAt: null }

describe('the steps of a feed', () => {
  it('are whole candles at max, whatever the cursor, and take no real time', () => {
    const step = nextFeedStep({ ...minute, cursor: start, speed: 'max' })
    expect(step).toEqual({ until: 1_700_000_040_000, isInstant: true, realMs: 0 })
    expect(nextFeedStep({ ...minute, cursor: step.until, speed: 'max' }).until).toBe(step.until + 60_000)
  })

  it('are one decision per real second where the speed asks for more than a nudge in it', () => {
    const cursor = 1_700_000_040_000
    expect(nextFeedStep({ ...minute, cursor, speed: 60 })).toEqual({ until: cursor + 60_000, isInstant: true, realMs: 1000 })
  })

  it('are batches of a real second up to the instant of the decision at lower speeds', () => {
    const untils: [number, boolean][] = []
    for (let cursor = start; cursor < start + 25_000;) {
      const step = nextFeedStep({ ...minute, cursor, speed: 10 })
      expect(step.realMs).toBe((step.until - cursor) / 10)
      untils.push([step.until - start, step.isInstant])
      cursor = step.until
    }
    expect(untils).toEqual([
      [10_000, false],
      [20_000, false],
      [25_000, true],
    ])
  })

  it('end at the market time to stop at, without a decision in between', () => {
    expect(nextFeedStep({ ...minute, cursor: start, speed: 'max', stopAt: start + 7 })).toMatchObject({
      until: start + 7,
      isInstant: false,
    })
  })

  it('are for replay at any speed and for a simulated market unless at real speed', () => {
    expect(isStepped({ market: 'replay', speed: 1 })).toBe(true)
    expect(isStepped({ market: 'simulated', speed: 2 })).toBe(true)
    expect(isStepped({ market: 'simulated', speed: 1 })).toBe(false)
    expect(isStepped({ market: 'coinbase', speed: 'max' })).toBe(false)
  })
})
