import { z } from 'zod'
import { decimalText, statistic, timestampMs } from '../contract/primitives.ts'
import type { Portfolio } from '../contract/position.ts'
import { riskFreeRate } from './annualization.ts'
import { equitySamples } from './equity-series.ts'
import { maxDrawdown } from './max-drawdown.ts'
import { reportPerformance, type PerformanceInput } from './performance-report.ts'

const dayMs = 86_400_000

/** What `get_performance_metrics` answers. A trade is a closed one; fractions are 0.01 for one per cent. */
export const performanceMetrics = z.strictObject({
  window_days: z.number().positive(),
  start: timestampMs,
  end: timestampMs,
  /** Distance of the returns behind Sharpe, Sortino, volatility and VaR, and the year they are scaled to. */
  period_ms: z.int().positive(),
  annualization_days: z.literal(365),
  risk_free_rate: z.number(),
  total_trades: z.int().min(0),
  fill_count: z.int().min(0),
  win_rate: statistic,
  /** Mean net result of a closed trade. */
  avg_trade_pnl: decimalText.nullable(),
  avg_win: decimalText.nullable(),
  avg_loss: decimalText.nullable(),
  profit_factor: statistic,
  /** Of the whole book, not only the window. */
  total_pnl: decimalText,
  realized_pnl: decimalText,
  unrealized_pnl: decimalText,
  /** Paid within the window. */
  fees: decimalText,
  total_return: statistic,
  annualized_return: statistic,
  max_drawdown: statistic,
  max_drawdown_duration_ms: z.int().min(0).nullable(),
  sharpe_ratio: statistic,
  sortino_ratio: statistic,
  calmar_ratio: statistic,
  volatility: statistic,
  var_95: statistic,
})
export type PerformanceMetrics = z.infer<typeof performanceMetrics>

/** The window of `windowDays` before `marketTime`, in the names of the tool. */
export function measurePerformance(
  options: Pick<PerformanceInput, 'fills' | 'equity' | 'periodMs'> & {
    readonly portfolio: Portfolio
    readonly windowDays: number
    readonly marketTime: number
  },
): PerformanceMetrics {
  const { fills, equity, periodMs, portfolio, windowDays, marketTime } = options
  const window = { start: Math.max(0, Math.round(marketTime - windowDays * dayMs)), end: marketTime }
  const isInside = (point: { market_time: number }): boolean => point.market_time >= window.start && point.market_time <= window.end
  const report = reportPerformance({ fills, equity, periodMs, ...window })
  return {
    window_days: windowDays,
    ...window,
    period_ms: periodMs,
    annualization_days: 365,
    risk_free_rate: riskFreeRate,
    total_trades: report.closed_trades,
    fill_count: fills.filter(isInside).length,
    win_rate: report.win_rate,
    avg_trade_pnl: report.expectancy,
    avg_win: report.average_win,
    avg_loss: report.average_loss,
    profit_factor: report.profit_factor,
    total_pnl: portfolio.total_pnl,
    realized_pnl: portfolio.realized_pnl,
    unrealized_pnl: portfolio.unrealized_pnl,
    fees: report.fees,
    total_return: report.total_return,
    annualized_return: report.annualized_return,
    max_drawdown: report.max_drawdown,
    max_drawdown_duration_ms: maxDrawdown(equitySamples(equity.filter(isInside)))?.durationMs ?? null,
    sharpe_ratio: report.sharpe,
    sortino_ratio: report.sortino,
    calmar_ratio: report.calmar,
    volatility: report.volatility,
    var_95: report.var_95,
  }
}
