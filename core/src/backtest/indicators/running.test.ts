import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { atr } from '../../market/indicators/atr.ts'
import { bollinger } from '../../market/indicators/bollinger.ts'
import { ema } from '../../market/indicators/ema.ts'
import { rsi } from '../../market/indicators/rsi.ts'
import { sma } from '../../market/indicators/sma.ts'
import { atrPct } from '../kernel/atr-pct.ts'
import { walkCandles } from '../testing/walk-candles.ts'
import { RunningAtr } from './running-atr.ts'
import { RunningBollinger } from './running-bollinger.ts'
import { RunningEma } from './running-ema.ts'
import { RunningExtreme } from './running-extreme.ts'
import { RunningRsi } from './running-rsi.ts'
import { RunningSma } from './running-sma.ts'

const prices = fc.array(fc.integer({ min: 1, max: 10_000_000 }), { minLength: 1, maxLength: 120 })
const periods = fc.integer({ min: 1, max: 30 })

/** The running value against the one over all values so far, after every value. */
function expectSame(
  closes: readonly number[],
  running: (close: number) => number,
  whole: (seen: readonly number[]) => number | null,
): void {
  for (const [index, close] of closes.entries()) {
    const value = running(close)
    const expected = whole(closes.slice(0, index + 1))
    if (expected === null) expect(value).toBeNaN()
    else expect(value).toBeCloseTo(expected, 6)
  }
}

describe('running indicators', () => {
  it('give what the indicators over all candles give, value by value', () => {
    fc.assert(
      fc.property(prices, periods, (cents, period) => {
        const closes = cents.map((value) => value / 100)
        const [average, exponential, strength] = [new RunningSma(period), new RunningEma(period), new RunningRsi(period)]
        expectSame(
          closes,
          (close) => average.add(close),
          (seen) => sma(seen, period),
        )
        expectSame(
          closes,
          (close) => exponential.add(close),
          (seen) => ema(seen, period),
        )
        expectSame(
          closes,
          (close) => strength.add(close),
          (seen) => rsi(seen, period),
        )
        const bands = new RunningBollinger({ period, deviations: 2 })
        expectSame(
          closes,
          (close) => (bands.add(close), bands.upper),
          (seen) => bollinger(seen, { period })?.upper ?? null,
        )
        const [highest, lowest] = [new RunningExtreme(period, 'highest'), new RunningExtreme(period, 'lowest')]
        expectSame(
          closes,
          (close) => highest.add(close),
          (seen) => Math.max(...seen.slice(-period)),
        )
        expectSame(
          closes,
          (close) => lowest.add(close),
          (seen) => Math.min(...seen.slice(-period)),
        )
      }),
      { numRuns: 40 },
    )
  })

  it('give the average true range of candles, running and as the kernel takes it from columns', () => {
    const columns = walkCandles({ seed: 9, rows: 300, gaps: 0.05 })
    const bars = Array.from(columns.close, (close, row) => ({ high: columns.high[row]!, low: columns.low[row]!, close }))
    const running = new RunningAtr(14)
    for (const [row, { high, low, close }] of bars.entries()) {
      const value = running.add(high, low, close)
      const expected = atr(bars.slice(0, row + 1))
      if (expected === null) expect(value).toBeNaN()
      else expect(value).toBeCloseTo(expected, 8)
      const window = atr(bars.slice(Math.max(0, row + 1 - 120), row + 1))
      if (window === null) expect(atrPct(columns, row)).toBeNull()
      else expect(atrPct(columns, row)).toBeCloseTo((window / close) * 100, 10)
    }
  })
})
