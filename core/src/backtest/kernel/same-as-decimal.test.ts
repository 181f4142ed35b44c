import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../market/seeded-random.ts'
import { defaultRiskLimits, type RiskLimits } from '../../risk/limits.ts'
import { type Columns, firstRowFrom } from '../columns.ts'
import { runBacktest } from '../run-backtest.ts'
import type { OrderWish, Strategy } from '../strategy.ts'
import { decimalRun } from '../testing/decimal-run.ts'
import { testSettings } from '../testing/test-settings.ts'
import { walkCandles } from '../testing/walk-candles.ts'

/** Orders of every sort, a function of seed, time and last close alone, so that both arithmetics are asked for the same. */
function randomWishes(seed: number, rate: number) {
  const random = seededRandom(seed, 'wishes')
  return (now: number, columns: readonly Columns[]): OrderWish[] => {
    const place = now / 60_000
    const draw = (detail: number): number => random.uniform(1, place, detail)
    if (draw(0) > rate) return []
    const { product, close, ...rest } = columns[Math.floor(draw(1) * columns.length)]!
    const row = firstRowFrom(rest, now) - 1
    if (row < 0) return []
    const price = close[row]!
    const cents = (value: number): number => Math.round(value * 100) / 100
    const limit = draw(2) < 0.4 ? { limitPrice: cents(price * (1 + (draw(3) - 0.5) * 0.004)) } : {}
    const inForce = draw(4) < 0.3 ? { timeInForce: (['GTC', 'IOC', 'FOK'] as const)[Math.floor(draw(5) * 3)]! } : {}
    if (draw(6) < 0.4) {
      const size = draw(7) < 0.6 ? { all: true as const } : { quantity: Math.round(draw(8) * 1e6) / 1e8 }
      return [{ action: 'order', product, side: 'SELL', reason: 'random', ...size, ...limit, ...inForce }]
    }
    const size =
      draw(7) < 0.4
        ? { notional: cents(5 + draw(8) * 3500) }
        : draw(7) < 0.7
          ? { quantity: Math.round((draw(8) * 3e11) / price) / 1e8 }
          : { cashFraction: cents(0.01 + draw(8) * 0.4) }
    const stop = draw(9) < 0.6 ? { stopPrice: cents(price * (1 - draw(10) * 0.006)) } : {}
    const profit = draw(11) < 0.5 ? { takeProfit: cents(price * (1 + draw(12) * 0.006)) } : {}
    const edge = draw(13) < 0.2 ? { expectedEdgeBps: Math.round(draw(14) * 300) } : {}
    return [{ action: 'order', product, side: 'BUY', reason: 'random', ...size, ...limit, ...inForce, ...stop, ...profit, ...edge }]
  }
}

function runBoth(options: { seed: number; limits: RiskLimits; productIds: readonly string[]; rows: number; rate: number }) {
  const { seed, limits, productIds, rows, rate } = options
  const columns = productIds.map((product, index) =>
    walkCandles({ seed: seed + index, rows, product, price: 40_000 / 15 ** index, gaps: 0.02, empty: 0.05, volume: 0.4 * 15 ** index }),
  )
  const wishesAt = randomWishes(seed, rate)
  const strategy: Strategy = { kind: 'orders', warmUp: 0, onBar: (view) => wishesAt(view.now, columns) }
  const kernel = runBacktest({ settings: testSettings({ productIds, limits }), columns, strategy })
  const exact = decimalRun({ columns, cash: '10000', limits, spreadBps: 2, takerFeeBps: 60, makerFeeBps: 40, wishesAt })
  return { kernel, exact }
}

const wide: RiskLimits = {
  ...defaultRiskLimits,
  max_position: 1,
  max_gross_exposure: 1,
  cash_reserve: 0,
  max_daily_loss: 1,
  daily_risk_budget: 1,
  max_orders_per_day: 100_000,
  cool_down_seconds: 0,
}

const cases = fc.record({
  seed: fc.integer({ min: 1, max: 1e6 }),
  limits: fc.constantFrom(defaultRiskLimits, wide),
  productIds: fc.constantFrom(['BTC-USD'], ['BTC-USD', 'ETH-USD']),
  rows: fc.constant(200),
  rate: fc.constantFrom(0.1, 0.5),
})

describe('the kernel in doubles', () => {
  it('makes the fills, the refusals and the equity that core/order, core/risk and core/portfolio make in Decimal', () => {
    let [fills, blocks] = [0, 0]
    fc.assert(
      fc.property(cases, (options) => {
        const { kernel, exact } = runBoth(options)
        const plain = (fill: { marketTime: number; product: string; side: string; quantity: number | string }) =>
          `${fill.marketTime} ${fill.product} ${fill.side} ${Number(fill.quantity)}`
        expect([...kernel.fills].map(plain)).toEqual(exact.fills.map(plain))
        expect(kernel.blocks.map(({ marketTime, product, reason }) => ({ marketTime, product, reason }))).toEqual(exact.blocks)
        for (const [row, fill] of exact.fills.entries()) {
          const found = kernel.fills.at(row)
          expect(Math.abs(found.price / Number(fill.price) - 1)).toBeLessThan(1e-12)
          for (const name of ['notional', 'fee', 'realizedPnl'] as const) {
            expect(Math.abs(found[name] - Number(fill[name]))).toBeLessThan(2.5e-8)
          }
        }
        for (const [instant, equity] of exact.equity.entries()) expect(Math.abs(kernel.equity[instant]! / equity - 1)).toBeLessThan(1e-9)
        expect(kernel.cash.toFixed(2)).toBe(Number(exact.cash).toFixed(2))
        fills += exact.fills.length
        blocks += exact.blocks.length
      }),
      { numRuns: 30, seed: 20_261_124 },
    )
    // The property would hold of nothing at all; this is what it was about.
    expect(fills).toBeGreaterThan(300)
    expect(blocks).toBeGreaterThan(100)
  })
})
