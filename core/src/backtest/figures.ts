import type { BacktestFigures } from '../contract/backtest.ts'
import { annualizedReturn } from '../metrics/annualized-return.ts'
import { yearMs } from '../metrics/annualization.ts'
import { calmarRatio } from '../metrics/calmar.ts'
import { periodReturns } from '../metrics/returns.ts'
import { sharpeRatio } from '../metrics/sharpe.ts'
import { sortinoRatio } from '../metrics/sortino.ts'
import { finiteOrNull } from '../metrics/statistics.ts'
import { valueAtRisk95 } from '../metrics/value-at-risk.ts'
import { volatility } from '../metrics/volatility.ts'
import { amountText } from './amount-text.ts'
import { type ClosedTrade, closedTrades } from './closed-trades.ts'
import { equityPerPeriod, periodOf } from './equity-periods.ts'
import type { BacktestRun } from './run.ts'

/** The figures of a run: statistics by `core/metrics`, over equity at equal distances. */
export function figuresOf(run: BacktestRun): BacktestFigures {
  const periodMs = periodOf(run)
  const returns = periodReturns(equityPerPeriod(run, periodMs))
  const spanMs = spanOf(run)
  const totalReturn = run.initialEquity > 0 ? run.finalEquity / run.initialEquity - 1 : 0
  const annualized = annualizedReturn({ totalReturn, spanMs })
  const trades = closedTrades(run)
  return {
    fills: run.fills.length,
    trades: trades.length,
    initial_equity: amountText(run.initialEquity),
    final_equity: amountText(run.finalEquity),
    return_pct: totalReturn * 100,
    annualized_return: annualized,
    max_drawdown: run.maxDrawdown,
    max_drawdown_duration_ms: longestFall(run),
    sharpe: sharpeRatio({ returns, periodMs }),
    sortino: sortinoRatio({ returns, periodMs }),
    calmar: calmarRatio({ annualizedReturn: annualized, maxDrawdown: run.maxDrawdown }),
    volatility: volatility({ returns, periodMs }),
    var_95: valueAtRisk95(returns),
    period_ms: periodMs,
    ...tradeFigures(trades),
    exposure: exposureOf(run),
    turnover: turnoverOf(run, spanMs),
    fees: amountText(run.fees),
    fee_drag: run.initialEquity > 0 ? run.fees / run.initialEquity : null,
  }
}

/** From the start of the first candle to the end of the last, ms. */
export function spanOf({ starts, timeframeMs }: BacktestRun): number {
  return starts.length === 0 ? 0 : starts.at(-1)! + timeframeMs - starts[0]!
}

function tradeFigures(trades: readonly ClosedTrade[]) {
  const wins = trades.filter(({ realizedPnl }) => realizedPnl > 0)
  const losses = trades.filter(({ realizedPnl }) => realizedPnl <= 0)
  const total = (some: readonly ClosedTrade[]): number => some.reduce((sum, { realizedPnl }) => sum + realizedPnl, 0)
  const average = (some: readonly ClosedTrade[]): string | null => (some.length === 0 ? null : amountText(total(some) / some.length))
  return {
    win_rate: trades.length === 0 ? null : wins.length / trades.length,
    profit_factor: total(losses) === 0 ? null : finiteOrNull(total(wins) / -total(losses)),
    expectancy: average(trades),
    average_win: average(wins),
    average_loss: average(losses),
  }
}

/** Longest time in ms from a peak of equity to the first instant that is back at it, or to the end (`core/metrics/max-drawdown`). */
function longestFall({ starts, equity, initialEquity, timeframeMs }: BacktestRun): number | null {
  if (starts.length === 0) return null
  let [peak, peakAt, longest, isUnder] = [Math.max(0, initialEquity), starts[0]!, 0, false]
  for (let instant = 0; instant < equity.length; instant += 1) {
    const time = starts[instant]! + timeframeMs
    const isFallen = equity[instant]! < peak
    if (isFallen || isUnder) longest = Math.max(longest, time - peakAt)
    isUnder = isFallen
    if (isFallen) continue
    peak = equity[instant]!
    peakAt = time
  }
  return longest
}

/** Share of the time in which something was held. */
function exposureOf(run: BacktestRun): number | null {
  const spanMs = spanOf(run)
  if (spanMs <= 0) return null
  const held = new Set(run.initialPositions.flatMap(({ quantity }, index) => (quantity > 0 ? [index] : [])))
  let [since, invested] = [run.starts[0]!, 0]
  for (let row = 0; row < run.fills.length; row += 1) {
    const time = run.fills.number(row, 'marketTime')
    if (held.size > 0) invested += time - since
    since = time
    if (run.fills.number(row, 'positionAfter') > 0) held.add(run.fills.productIndex(row))
    else held.delete(run.fills.productIndex(row))
  }
  if (held.size > 0) invested += run.starts[0]! + spanMs - since
  return Math.min(1, Math.max(0, invested / spanMs))
}

/** Notional of all fills / mean equity, per year. */
function turnoverOf({ fills, equity }: BacktestRun, spanMs: number): number | null {
  let [traded, total] = [0, 0]
  for (let row = 0; row < fills.length; row += 1) traded += fills.number(row, 'notional')
  for (const value of equity) total += value
  return total > 0 && spanMs > 0 ? finiteOrNull((traded / (total / equity.length)) * (yearMs / spanMs)) : null
}
