import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { backtestResult } from '../contract/backtest.ts'
import { equitySamples } from '../metrics/equity-series.ts'
import { maxDrawdown } from '../metrics/max-drawdown.ts'
import { reportPerformance } from '../metrics/performance-report.ts'
import { amountText } from './amount-text.ts'
import { closedTrades } from './closed-trades.ts'
import { dailyReports } from './daily-report.ts'
import { figuresOf } from './figures.ts'
import { resultOf } from './result.ts'
import { runBacktest } from './run-backtest.ts'
import { dca } from './strategies/dca.ts'
import { emaCross } from './strategies/ema-cross.ts'
import { testSettings, testSetup } from './testing/test-settings.ts'
import { walkCandles } from './testing/walk-candles.ts'
import { trialFiguresOf } from './trial-figures.ts'
import { utcDate, utcTime } from './utc-date.ts'

const productIds = ['BTC-USD', 'ETH-USD']
const columns = [
  walkCandles({ seed: 11, rows: 7000, gaps: 0.003, volume: 5 }),
  walkCandles({ seed: 12, rows: 7000, product: 'ETH-USD', price: 2600, gaps: 0.003, volume: 90 }),
]

function honestRun(differing: Parameters<typeof testSettings>[0] = {}) {
  const settings = testSettings({ productIds, ...differing })
  const strategy = emaCross.create({ fast: 12, slow: 26, fraction: 0.2 }, testSetup(productIds))
  return { settings, columns, run: runBacktest({ settings, columns, strategy }) }
}

describe('the figures of a run', () => {
  it('are those that core/metrics takes from the same fills and equity', () => {
    const { run } = honestRun()
    const figures = figuresOf(run)
    const fills = [...run.fills].map((fill) => ({
      fill_id: '00000000-0000-5000-8000-000000000000',
      order_id: `00000000-0000-5000-8000-${String(fill.order).padStart(12, '0')}`,
      trade_id: String(fill.trade),
      product: fill.product,
      side: fill.side,
      quantity: amountText(fill.quantity),
      price: amountText(fill.price),
      notional: amountText(fill.notional),
      fee: amountText(fill.fee),
      liquidity: fill.liquidity,
      market_time: fill.marketTime,
    }))
    const start = run.starts[0]!
    const equity = [{ market_time: start, equity: amountText(run.initialEquity) }]
    for (const [instant, value] of run.equity.entries())
      equity.push({ market_time: run.starts[instant]! + 60_000, equity: amountText(value) })
    const report = reportPerformance({ fills, equity, start, end: run.starts.at(-1)! + 60_000, periodMs: 3_600_000 })
    expect(figures).toMatchObject({ period_ms: 3_600_000, fills: run.fills.length, trades: report.closed_trades, fees: report.fees })
    const pairs = [
      [figures.return_pct / 100, report.total_return],
      [figures.annualized_return, report.annualized_return],
      [figures.sharpe, report.sharpe],
      [figures.sortino, report.sortino],
      [figures.calmar, report.calmar],
      [figures.volatility, report.volatility],
      [figures.var_95, report.var_95],
      [figures.max_drawdown, report.max_drawdown],
      [figures.win_rate, report.win_rate],
      [figures.profit_factor, report.profit_factor],
      [Number(figures.expectancy), Number(report.expectancy)],
      [Number(figures.average_win), Number(report.average_win)],
      [Number(figures.average_loss), Number(report.average_loss)],
    ] as const
    for (const [found, expected] of pairs) expect(found).toBeCloseTo(expected!, 6)
    expect(figures.max_drawdown_duration_ms).toBe(maxDrawdown(equitySamples(equity))!.durationMs)
    expect(figures.exposure).toBeGreaterThan(0.1)
    expect(figures.turnover).toBeGreaterThan(1)
  })

  it('are the same where trials take the few they are compared by', () => {
    for (const differing of [{}, { fills: 'reference', limits: null } as const]) {
      const { run } = honestRun(differing)
      const [few, all] = [trialFiguresOf(run), figuresOf(run)]
      expect(all).toMatchObject({ ...few, profit_factor: expect.closeTo(few.profit_factor!, 9) })
    }
  })

  it('account for every cent: realized and unrealized add up to what equity has gained', () => {
    for (const differing of [
      {},
      { allocations: { 'ETH-USD': 3000 } },
      { fills: 'reference', limits: null } as const,
      { flattenDaily: true },
    ]) {
      const { run } = honestRun(differing)
      const realized = run.positions.reduce((sum, { realizedPnl }) => sum + realizedPnl, 0)
      const unrealized = run.positions.reduce((sum, { marketValue, costBasis, entryFees }) => sum + marketValue - costBasis - entryFees, 0)
      expect(realized + unrealized).toBeCloseTo(run.finalEquity - run.initialEquity, 5)
      expect(closedTrades(run).reduce((sum, { realizedPnl }) => sum + realizedPnl, 0)).toBeCloseTo(realized, 5)
    }
  })
})

describe('daily reports', () => {
  it('cover every day with candles, each beginning where the one before ended, and add up', () => {
    for (const differing of [{}, { allocations: { 'BTC-USD': 2000 }, flattenDaily: true }, { fills: 'reference', limits: null } as const]) {
      const context = honestRun(differing)
      const { run } = context
      const reports = dailyReports(context)
      const days = new Set([...run.starts].map((start) => utcDate(start)))
      expect(reports.map(({ date }) => date)).toEqual([...days])
      let equity = run.initialEquity
      for (const report of reports) {
        expect(Number(report.start_equity)).toBeCloseTo(equity, 6)
        const change = Number(report.end_equity) - Number(report.start_equity)
        expect(Object.values(report.product_pnl).reduce((sum, pnl) => sum + Number(pnl), 0)).toBeCloseTo(change, 5)
        expect(Number(report.realized_pnl) + Number(report.unrealized_change)).toBeCloseTo(change, 5)
        equity = Number(report.end_equity)
      }
      expect(equity).toBeCloseTo(run.finalEquity, 6)
      const sum = (of: (report: (typeof reports)[number]) => number): number => reports.reduce((total, report) => total + of(report), 0)
      expect(sum(({ fills }) => fills)).toBe(run.fills.length)
      expect(sum(({ trades }) => trades)).toBe(closedTrades(run).length)
      expect(sum(({ fees }) => Number(fees))).toBeCloseTo(run.fees, 5)
      expect(sum(({ blocks }) => Object.values(blocks).reduce((total, count) => total + count, 0))).toBe(run.blockCount)
    }
  })

  it('tell what the day’s entries risked of its budget, and that the budget held', () => {
    const { risk_budget: budget } = dailyReports(honestRun()).find(({ orders }) => orders > 4)!
    expect(Number(budget!.used)).toBeGreaterThan(0)
    expect(Number(budget!.used)).toBeLessThanOrEqual(Number(budget!.total))
    expect(dailyReports(honestRun({ limits: null }))[0]!.risk_budget).toBeNull()
  })

  it('hold nothing over midnight when told to flatten', () => {
    const heldOver = (flattenDaily: boolean): number => {
      const settings = testSettings({ productIds, flattenDaily })
      const strategy = dca.create({ hours: 5, notional: 50 }, testSetup(productIds))
      const run = runBacktest({ settings, columns, strategy })
      return dailyReports({ settings, columns, run }).filter(({ positions_end }) => Object.keys(positions_end).length > 0).length
    }
    expect(heldOver(false)).toBeGreaterThan(3)
    // The data ends in the middle of its last day.
    expect(heldOver(true)).toBe(1)
  })
})

describe('the result of a run', () => {
  it('is what the contract says it is', () => {
    const context = honestRun()
    const config = {
      data: ['a.csv'],
      products: productIds,
      timeframe_ms: 60_000,
      from: 0,
      to: 1,
      strategy: 'ema-cross',
      parameters: {},
      initial_cash: '10000',
      initial_allocations: {},
      taker_fee_bps: 60,
      maker_fee_bps: 40,
      spread_bps: 2,
      impact_bps: 10,
      max_participation: 0.1,
      fills: 'honest' as const,
      limits: 'default' as const,
      intrabar: 'path' as const,
      latency_bars: 0,
      risk: {},
      min_hold_minutes: 0,
      flatten_daily: false,
      seed: 1,
    }
    const seconds = { load: 0.1, simulate: 0.2, report: 0.01 }
    const circumstances = { runId: 'bt-1', config, data: [], startedAt: 1, completedAt: 2, seconds }
    const result = resultOf({ ...context, circumstances })
    expect(backtestResult.parse(result)).toEqual(result)
    expect(result.benchmarks[0]!.name).toBe('buy-and-hold')
  })
})

describe('texts', () => {
  it('write an amount with 8 decimals as it is, and none with an exponent', () => {
    expect(amountText(-0)).toBe('0')
    expect(amountText(1.1e-9)).toBe('0.0000000011')
    fc.assert(
      fc.property(fc.bigInt({ min: -6_710_886_400_000_000n, max: 6_710_886_400_000_000n }), (units) => {
        const text = `${units < 0n ? '-' : ''}${String(units < 0n ? -units : units).padStart(9, '0')}`
          .replace(/(\d{8})$/, '.$1')
          .replace(/\.?0+$/, '')
        expect(amountText(Number(text))).toBe(units === 0n ? '0' : text)
      }),
    )
  })

  it('write times as the calendar has them', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_102_444_800_000 }), (time) => {
        const iso = new Date(time).toISOString()
        expect(utcDate(time)).toBe(iso.slice(0, 10))
        expect(utcTime(time - (time % 1000))).toBe(iso.slice(0, 19).replace('T', ' '))
      }),
    )
  })
})
