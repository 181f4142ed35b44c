import { describe, expect, it } from 'vitest'
import { describeMarketSource, take } from '../market-source-cases.ts'
import type { WallClock } from '../wall-clock.ts'
import { openSimulatedSource, simulatedStart } from './simulated-source.ts'

const products = ['BTC-USD', 'ETH-USD', 'SOL-USD'] as const

/** A wall clock that is at once where one waits for it to be. */
function hurriedClock(time = 1_750_000_000_123): WallClock & { advance: (ms: number) => void } {
  return {
    now: () => time,
    sleepUntil: async (until, signal) => {
      if (!signal?.aborted) time = Math.max(time, until)
    },
    advance: (ms) => {
      time += ms
    },
  }
}

describeMarketSource('simulated in steps', {
  products,
  open: async (asked) => openSimulatedSource({ seed: 1, products: asked, pace: 'stepped' }),
  pace: 'stepped',
  stepMs: 25_000,
})

describeMarketSource('simulated at real speed', {
  products,
  open: async (asked) => openSimulatedSource({ seed: 1, products: asked, pace: 'stream', clock: hurriedClock() }),
  pace: 'stream',
  stepMs: 1000,
})

describe('the simulated source', () => {
  it('begins at a fixed time in steps and now at real speed', () => {
    const clock = hurriedClock()
    expect(openSimulatedSource({ seed: 1, products, pace: 'stepped' }).start).toBe(simulatedStart)
    expect(openSimulatedSource({ seed: 1, products, pace: 'stream', clock }).start).toBe(clock.now())
  })

  it('at real speed gives no tick before its time', async () => {
    const clock = hurriedClock()
    const source = openSimulatedSource({ seed: 1, products, pace: 'stream', clock })
    for (let batch = 0; batch < 20; batch += 1) {
      const { ticks, cursor } = await source.next({ cursor: clock.now(), until: clock.now() + 1000 })
      expect(cursor).toBe(clock.now())
      for (const tick of ticks) expect(tick.market_time).toBeLessThan(clock.now())
    }
  })

  it('at real speed catches up a short absence and leaves a long one as a gap', async () => {
    const clock = hurriedClock()
    const source = openSimulatedSource({ seed: 1, products, pace: 'stream', clock })
    const first = await take(source, 1000, 1)
    clock.advance(30_000)
    const second = await take(source, 1000, 30, first.cursor)
    expect(second.notices).toEqual([])
    expect(second.ticks.length).toBeGreaterThan(30)
    clock.advance(3_600_000)
    const third = await source.next({ cursor: second.cursor, until: second.cursor + 1000 })
    expect(third.notices).toEqual([{ type: 'time_gap', from: second.cursor, to: third.cursor - 1000 }])
    expect(third.cursor).toBe(clock.now())
  })
})
