import type { TrialFigures } from '../contract/backtest-studies.ts'
import { annualizedReturn } from '../metrics/annualized-return.ts'
import { calmarRatio } from '../metrics/calmar.ts'
import { periodReturns } from '../metrics/returns.ts'
import { sharpeRatio } from '../metrics/sharpe.ts'
import { sortinoRatio } from '../metrics/sortino.ts'
import { finiteOrNull } from '../metrics/statistics.ts'
import { amountText } from './amount-text.ts'
import { equityPerPeriod, periodOf } from './equity-periods.ts'
import { spanOf } from './figures.ts'
import type { BacktestRun } from './run.ts'

/** The few figures of a run that trials are compared by, as `figuresOf` has them, without a look at every bar. */
export function trialFiguresOf(run: BacktestRun): TrialFigures {
  const periodMs = periodOf(run)
  const returns = periodReturns(equityPerPeriod(run, periodMs))
  const totalReturn = run.initialEquity > 0 ? run.finalEquity / run.initialEquity - 1 : 0
  const annualized = annualizedReturn({ totalReturn, spanMs: spanOf(run) })
  return {
    return_pct: totalReturn * 100,
    final_equity: amountText(run.finalEquity),
    max_drawdown: run.maxDrawdown,
    sharpe: sharpeRatio({ returns, periodMs }),
    sortino: sortinoRatio({ returns, periodMs }),
    calmar: calmarRatio({ annualizedReturn: annualized, maxDrawdown: run.maxDrawdown }),
    ...tradesOf(run),
    fills: run.fills.length,
  }
}

/** Closed trades and their profit factor. A trade is one exit order, whose fills may be apart. */
function tradesOf({ fills }: BacktestRun): { trades: number; profit_factor: number | null } {
  const results = new Map<number, number>()
  for (let row = 0; row < fills.length; row += 1) {
    if (fills.sideAt(row) === 'BUY') continue
    const order = fills.orderAt(row)
    results.set(order, (results.get(order) ?? 0) + fills.number(row, 'realizedPnl'))
  }
  let [won, lost] = [0, 0]
  for (const result of results.values()) {
    if (result > 0) won += result
    else lost -= result
  }
  return { trades: results.size, profit_factor: lost === 0 ? null : finiteOrNull(won / lost) }
}
