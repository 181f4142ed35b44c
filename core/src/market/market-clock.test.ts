import { describe, expect, it } from 'vitest'
import { isStale, nextInstant, realMsOfStep, staleAfterMs, stepMs } from './market-clock.ts'

describe('the market clock', () => {
  it.each([
    [25, 1, 60_000, 25_000],
    [25, 25, 60_000, 25_000],
    [25, 60, 60_000, 60_000],
    [25, 3600, 60_000, 3_600_000],
    [25, 0.5, 60_000, 25_000],
    [25, 'max', 60_000, 60_000],
    [60, 'max', 60_000, 60_000],
    [61, 'max', 60_000, 120_000],
    [25, 'max', 86_400_000, 86_400_000],
  ] as const)('nudges of %s s at speed %s on candles of %s ms are %s ms apart', (nudgeSeconds, speed, timeframeMs, expected) => {
    expect(stepMs({ nudgeSeconds, speed, timeframeMs })).toBe(expected)
  })

  it('never has more than one nudge in a real second', () => {
    for (const speed of [1, 10, 24.9, 25.1, 26, 1000]) {
      expect(realMsOfStep(stepMs({ nudgeSeconds: 25, speed, timeframeMs: 60_000 }), speed)).toBeGreaterThanOrEqual(1000)
    }
    expect(realMsOfStep(60_000, 'max')).toBe(0)
  })

  it('refuses a speed or a nudge that is not positive', () => {
    expect(() => stepMs({ nudgeSeconds: 25, speed: 0, timeframeMs: 60_000 })).toThrow('speed must be a positive number or max, was 0')
    expect(() => stepMs({ nudgeSeconds: Number.NaN, speed: 1, timeframeMs: 60_000 })).toThrow('was NaN')
  })

  it('ends steps at multiples of their length', () => {
    expect(nextInstant(0, 25_000)).toBe(25_000)
    expect(nextInstant(24_999, 25_000)).toBe(25_000)
    expect(nextInstant(25_000, 25_000)).toBe(50_000)
  })

  it('calls a price stale after 5 s on a stream and after two candles in replay', () => {
    const replay = staleAfterMs({ market: 'replay', timeframeMs: 60_000 })
    const stream = staleAfterMs({ market: 'coinbase', timeframeMs: 60_000 })
    expect([replay, stream]).toEqual([120_000, 5000])
    expect(isStale({ tickTime: 1000, marketTime: 6000, staleAfterMs: stream })).toBe(false)
    expect(isStale({ tickTime: 999, marketTime: 6000, staleAfterMs: stream })).toBe(true)
  })
})
