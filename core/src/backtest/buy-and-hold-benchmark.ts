import type { Benchmark } from '../contract/backtest-studies.ts'
import { periodReturns } from '../metrics/returns.ts'
import { sharpeRatio } from '../metrics/sharpe.ts'
import { amountText } from './amount-text.ts'
import { type Columns, firstRowFrom } from './columns.ts'
import { equityPerPeriod, periodOf } from './equity-periods.ts'
import type { BacktestRun } from './run.ts'
import type { BacktestSettings } from './settings.ts'

/**
 * Buy and hold over the candles of a run: its initial equity evenly on every product at the first open of each, at the ask and with the
 * taker's fee, held to the end. Size is no matter here: it takes no impact and no share of the volume.
 */
export function buyAndHoldBenchmark(options: {
  readonly run: BacktestRun
  readonly columns: readonly Columns[]
  readonly settings: BacktestSettings
}): Benchmark {
  const { run, columns, settings } = options
  const { starts, timeframeMs, initialEquity } = run
  const share = initialEquity / columns.length
  const equity = new Float64Array(starts.length)
  for (const each of columns) addHolding(equity, { run, columns: each, settings, share })
  const held = { starts, equityAt: (instant: number) => equity[instant] ?? initialEquity, timeframeMs, initialEquity }
  const periodMs = periodOf(held)
  const returns = periodReturns(equityPerPeriod(held, periodMs))
  const finalEquity = equity.at(-1) ?? initialEquity
  return {
    name: 'buy-and-hold',
    final_equity: amountText(finalEquity),
    return_pct: initialEquity > 0 ? (finalEquity / initialEquity - 1) * 100 : 0,
    max_drawdown: maxDrawdown(equity, initialEquity),
    sharpe: sharpeRatio({ returns, periodMs }),
  }
}

/** Adds one product's share to the equity of every instant: cash until its first candle, its worth at the last close from then on. */
function addHolding(
  equity: Float64Array,
  options: { readonly run: BacktestRun; readonly columns: Columns; readonly settings: BacktestSettings; readonly share: number },
): void {
  const { run, columns, settings, share } = options
  let row = firstRowFrom(columns, settings.from)
  const quantity = row < columns.rows ? share / (columns.open[row]! * (1 + settings.halfSpread) * (1 + settings.takerFee)) : 0
  let worth = share
  for (let instant = 0; instant < equity.length; instant += 1) {
    if (row < columns.rows && columns.start[row]! <= run.starts[instant]!) {
      worth = quantity * columns.close[row]!
      row += 1
    }
    equity[instant] = equity[instant]! + worth
  }
}

function maxDrawdown(equity: Float64Array, initialEquity: number): number {
  let [peak, depth] = [Math.max(0, initialEquity), 0]
  for (const value of equity) {
    if (value > peak) peak = value
    else if (peak - value > depth * peak) depth = (peak - value) / peak
  }
  return depth
}
