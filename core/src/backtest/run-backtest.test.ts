import { describe, expect, it } from 'vitest'
import type { Columns } from './columns.ts'
import { runBacktest } from './run-backtest.ts'
import { smaCross } from './strategies/sma-cross.ts'
import { testSettings, testSetup } from './testing/test-settings.ts'
import { walkCandles } from './testing/walk-candles.ts'

/** The benchmark's oracle, line by line: decisions in exact integer cents. */
function oracle({ open, close, rows }: Columns, fee: number): { fills: number; finalEquity: number; maxDrawdown: number } {
  const cents = [...close].map((price) => Math.round(price * 100))
  let [cash, quantity, peak, maxDrawdown, fills, pending, side, sum20, sum50] = [100_000, 0, 100_000, 0, 0, 0, 0, 0, 0]
  for (let row = 0; row < rows; row += 1) {
    if (pending !== 0) {
      const price = open[row]!
      if (pending > 0) {
        quantity = (0.95 * cash) / price
        cash -= quantity * price + fee * quantity * price
      } else {
        cash += quantity * price * (1 - fee)
        quantity = 0
      }
      fills += 1
      pending = 0
    }
    sum20 += cents[row]! - (cents[row - 20] ?? 0)
    sum50 += cents[row]! - (cents[row - 50] ?? 0)
    if (row >= 49) {
      const now = Math.sign(5 * sum20 - 2 * sum50) || side
      if (row >= 50 && now > 0 && side < 0 && quantity === 0) pending = 1
      else if (row >= 50 && now < 0 && side > 0 && quantity > 0) pending = -1
      side = now
    }
    const equity = cash + quantity * close[row]!
    peak = Math.max(peak, equity)
    maxDrawdown = Math.max(maxDrawdown, (peak - equity) / peak)
  }
  return { fills, finalEquity: cash + quantity * close[rows - 1]!, maxDrawdown }
}

function smaRun(columns: Columns, fee: number, path: 'auto' | 'event') {
  const settings = testSettings({ fills: 'reference', limits: null, initialCash: 100_000, takerFee: fee, makerFee: fee })
  const strategy = smaCross.create({ fast: 20, slow: 50, fraction: 0.95 }, testSetup())
  return runBacktest({ settings, columns: [columns], strategy, path })
}

describe('runBacktest', () => {
  it.each([0.006, 0.001, 0.0001])('gives the fills and the equity of the oracle, at a fee of %d, on both paths', (fee) => {
    for (const seed of [1, 2, 3]) {
      const columns = walkCandles({ seed, rows: 20_000, gaps: 0.001 })
      const expected = oracle(columns, fee)
      expect(expected.fills).toBeGreaterThan(100)
      for (const path of ['auto', 'event'] as const) {
        const run = smaRun(columns, fee, path)
        expect(run.fills.length).toBe(expected.fills)
        expect(Math.abs(run.finalEquity / expected.finalEquity - 1)).toBeLessThan(1e-9)
        expect(Math.abs(run.maxDrawdown - expected.maxDrawdown)).toBeLessThan(1e-9)
      }
    }
  })

  it('does the same on its short path and on its event path, fill by fill and day by day', () => {
    for (const seed of [4, 5]) {
      const columns = walkCandles({ seed, rows: 6000, gaps: 0.002, start: 1_577_836_800_000 + 7 * 60_000 })
      const [short, full] = [smaRun(columns, 0.002, 'auto'), smaRun(columns, 0.002, 'event')]
      expect([...short.fills]).toEqual([...full.fills])
      expect(short.equity).toEqual(full.equity)
      expect(short.starts).toEqual(full.starts)
      expect(short.days).toEqual(full.days)
      const apart = { starts: null, equity: null, equityAt: null, fills: null }
      expect({ ...short, ...apart }).toEqual({ ...full, ...apart })
      for (const instant of [0, 50, 3000, 5999]) expect(short.equityAt(instant)).toBe(full.equityAt(instant))
    }
  })

  it('warms a rule up on the candles before it trades, without trading on them', () => {
    const columns = walkCandles({ seed: 6, rows: 2000 })
    const from = columns.start[500]!
    const settings = testSettings({ fills: 'reference', limits: null, from })
    const strategy = () => smaCross.create({ fast: 20, slow: 50, fraction: 0.95 }, testSetup())
    const runs = (['auto', 'event'] as const).map((path) => runBacktest({ settings, columns: [columns], strategy: strategy(), path }))
    for (const run of runs) {
      expect(run.warmUpInstants).toBe(500)
      expect(run.starts[0]).toBe(from)
      expect(run.fills.at(0).marketTime).toBeGreaterThan(from)
      // A rule that had to warm up first could not cross within its first 50 candles.
      expect(run.equity.length).toBe(1500)
    }
    expect([...runs[0]!.fills]).toEqual([...runs[1]!.fills])
  })
})
