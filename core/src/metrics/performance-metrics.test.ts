import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { performanceReport } from '../contract/evaluation.ts'
import type { VenueFill } from '../contract/fill.ts'
import { decimal, toText } from '../money/decimal.ts'
import { roundCost, roundProceeds } from '../money/round.ts'
import { fillId, orderId } from '../order/order-id.ts'
import { markPortfolio } from '../portfolio/equity.ts'
import { emptyPosition } from '../portfolio/position.ts'
import { averageLoss, averageWin } from './average-win-loss.ts'
import { expectancy } from './expectancy.ts'
import { measurePerformance, performanceMetrics } from './performance-metrics.ts'
import { reportPerformance } from './performance-report.ts'
import { profitFactor } from './profit-factor.ts'
import { measureRisk, riskMetrics } from './risk-metrics.ts'
import { roundTrips, winsAndLosses } from './round-trips.ts'
import { winRate } from './win-rate.ts'

const day = 86_400_000
let tradeNumber = 0
const fillOf = (order: number, side: 'BUY' | 'SELL', quantity: string, price: string, marketTime = 0, product = 'BTC-USD'): VenueFill => {
  tradeNumber += 1
  const exact = decimal(quantity).times(price)
  const notional = side === 'BUY' ? roundCost(exact, 'USD') : roundProceeds(exact, 'USD')
  const order_id = orderId('metrics', order)
  return {
    fill_id: fillId({ orderId: order_id, tradeId: String(tradeNumber) }),
    order_id,
    trade_id: String(tradeNumber),
    product,
    side,
    quantity,
    price,
    notional: toText(notional),
    fee: toText(notional.times('0.01')),
    liquidity: 'taker',
    market_time: marketTime,
  }
}

const portfolio = markPortfolio({
  cash: '600',
  heldCash: '0',
  scraped: '50',
  fees: '3',
  positions: [
    { ...emptyPosition('BTC-USD'), quantity: '2', cost_basis: '200', entry_fees: '2', average_price: '100', realized_pnl: '40' },
    { ...emptyPosition('ETH-USD'), quantity: '1', cost_basis: '100', entry_fees: '1', average_price: '100' },
    emptyPosition('SOL-USD'),
  ],
  marks: { 'BTC-USD': { price: '125', market_time: 0 }, 'ETH-USD': { price: '100', market_time: 10_000 } },
  marketTime: 10_000,
  staleAfterMs: 5000,
})

describe('round trips', () => {
  it('are one per exit order, however many fills it took, at average cost', () => {
    const trips = roundTrips([
      fillOf(0, 'BUY', '1', '100', 1000),
      fillOf(1, 'BUY', '1', '200', 2000),
      fillOf(2, 'SELL', '0.5', '180', 3000),
      fillOf(2, 'SELL', '0.5', '160', 4000),
      fillOf(3, 'SELL', '1', '140', 5000),
    ])
    const text = (trip: (typeof trips)[number]): string =>
      [trip.openedAt, trip.closedAt, trip.quantity, trip.cost, trip.proceeds, trip.fees, trip.realizedPnl].map(String).join(' ')
    expect(trips.map(text)).toEqual(['1000 4000 1 150 170 3.2 16.8', '1000 5000 1 150 140 2.9 -12.9'])
  })

  it('open anew after the position was flat', () => {
    const trips = roundTrips([
      fillOf(0, 'BUY', '1', '100', 1000),
      fillOf(1, 'SELL', '1', '100', 2000),
      fillOf(2, 'BUY', '1', '100', 3000),
      fillOf(3, 'SELL', '1', '100', 4000),
    ])
    expect(trips.map((trip) => trip.openedAt)).toEqual([1000, 3000])
  })

  it('are never made of a sale without its purchase', () => {
    expect(() => roundTrips([fillOf(0, 'SELL', '1', '100')])).toThrow('has no entry')
  })
})

describe('results of trades', () => {
  const results = winsAndLosses([100, 50, -30, 0].map((pnl) => ({ realizedPnl: decimal(String(pnl)) })))

  it('count breaking even as a loss', () => {
    expect(winRate(results)).toBe(0.5)
    expect(profitFactor(results)).toBe(5)
    expect([expectancy(results), averageWin(results), averageLoss(results)].map(String)).toEqual(['30', '75', '-15'])
  })

  it('are undefined without trades, and the profit factor without a loss', () => {
    const none = winsAndLosses([])
    expect([winRate(none), profitFactor(none), expectancy(none), averageWin(none), averageLoss(none)]).toEqual([
      null,
      null,
      null,
      null,
      null,
    ])
    expect(profitFactor(winsAndLosses([{ realizedPnl: decimal('5') }]))).toBeNull()
  })
})

describe('performance metrics', () => {
  const equity = [1000, 1010, 990, 1020].map((value, index) => ({ market_time: (index + 1) * day, equity: String(value) }))
  const fills = [fillOf(0, 'BUY', '1', '100', day), fillOf(1, 'SELL', '1', '150', 2 * day), fillOf(2, 'BUY', '1', '150', 4 * day)]
  const input = { fills, equity, portfolio, windowDays: 2, marketTime: 4 * day, periodMs: day }

  it('say their window, period and year, and count closed trades, not fills', () => {
    const metrics = performanceMetrics.parse(measurePerformance(input))
    expect(metrics).toMatchObject({ start: 2 * day, end: 4 * day, period_ms: day, annualization_days: 365, risk_free_rate: 0.02 })
    expect(metrics).toMatchObject({
      total_trades: 1,
      fill_count: 2,
      win_rate: 1,
      avg_trade_pnl: '47.5',
      fees: '3',
      total_pnl: portfolio.total_pnl,
    })
    expect(metrics.total_return).toBeCloseTo(1020 / 1010 - 1, 12)
    expect(metrics.max_drawdown).toBeCloseTo(20 / 1010, 12)
    expect(metrics.max_drawdown_duration_ms).toBe(2 * day)
    expect(metrics.sharpe_ratio).not.toBeNull()
    expect(metrics.calmar_ratio).toBeCloseTo((metrics.annualized_return ?? 0) / (metrics.max_drawdown ?? 1), 10)
  })

  it('know the entry of an exit even when it lies before the window', () => {
    expect(measurePerformance({ ...input, windowDays: 2.5 }).avg_win).toBe('47.5')
    expect(measurePerformance({ ...input, windowDays: 1 })).toMatchObject({ total_trades: 0, win_rate: null, avg_win: null })
  })

  it('are null, not zero, where nothing happened', () => {
    const nothing = measurePerformance({ ...input, fills: [], equity: [] })
    expect(nothing).toMatchObject({
      total_trades: 0,
      win_rate: null,
      sharpe_ratio: null,
      max_drawdown: null,
      total_return: null,
      var_95: null,
      fees: '0',
    })
  })
})

describe('risk metrics', () => {
  it('are ratios of the whole equity and say which prices they trust', () => {
    const metrics = riskMetrics.parse(measureRisk({ portfolio, equity: [], periodMs: day }))
    // 600 cash + 50 scraped + 250 + 100.
    expect(metrics).toMatchObject({
      total_portfolio_value: '1000',
      cash_ratio: 0.6,
      leverage: 0.35,
      max_position_concentration: 0.25,
      num_positions: 2,
    })
    expect(metrics.price_data_quality).toEqual({
      quality: 'stale',
      live_prices_used: 1,
      total_positions: 2,
      stale: ['BTC-USD'],
      missing: [],
      using_stale_fallback: true,
    })
  })

  it('are null without equity', () => {
    const broke = ['0', '-5'].map((equity) => measureRisk({ portfolio: { ...portfolio, equity }, equity: [], periodMs: day }))
    for (const metrics of broke) expect(metrics).toMatchObject({ cash_ratio: null, leverage: null, max_position_concentration: null })
  })
})

describe('any history', () => {
  const amount = fc.oneof(fc.constantFrom('0', '0.00000001', '99999999999999999999'), fc.integer({ min: 0, max: 10 ** 9 }).map(String))
  const equity = fc.array(fc.record({ market_time: fc.integer({ min: 0, max: 400 * day }), equity: amount }), { maxLength: 40 })
  const trades = fc.array(
    fc.record({ isBuy: fc.boolean(), price: fc.integer({ min: 1, max: 10 ** 6 }), order: fc.integer({ min: 0, max: 5 }) }),
    { maxLength: 30 },
  )

  it('gives finite numbers or null, and drawdowns and rates between 0 and 1', () => {
    fc.assert(
      fc.property(equity, trades, fc.constantFrom(day, 7 * day), (points, history, periodMs) => {
        let held = 0
        const fills = history.flatMap(({ isBuy, price, order }, index) => {
          if (!isBuy && held === 0) return []
          held += isBuy ? 1 : -1
          return [fillOf(isBuy ? 100 + order : order, isBuy ? 'BUY' : 'SELL', '1', String(price), index * day)]
        })
        const input = { fills, equity: points, periodMs }
        const metrics = performanceMetrics.parse(measurePerformance({ ...input, portfolio, windowDays: 500, marketTime: 400 * day }))
        performanceReport.parse(reportPerformance({ ...input, start: 0, end: 400 * day }))
        riskMetrics.parse(measureRisk({ portfolio, equity: points, periodMs }))
        for (const value of Object.values(metrics)) if (typeof value === 'number') expect(Number.isFinite(value)).toBe(true)
        for (const ratio of [metrics.max_drawdown, metrics.win_rate]) expect(ratio === null || (ratio >= 0 && ratio <= 1)).toBe(true)
        const pnl = roundTrips(fills).reduce((total, trip) => total.plus(trip.realizedPnl), decimal('0'))
        const cost = roundTrips(fills).reduce((total, trip) => total.plus(trip.proceeds).minus(trip.cost).minus(trip.fees), decimal('0'))
        expect(toText(pnl)).toBe(toText(cost))
      }),
    )
  })
})
