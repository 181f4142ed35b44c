import { amountText } from '@trader/core/backtest/amount-text'
import type { BacktestRun } from '@trader/core/backtest/run'
import type { EquityPoint } from '@trader/core/contract/backtest-trades'

/** Points that a chart can show and a file can keep; the run's own curve has one per candle. */
const mostPoints = 5000

/**
 * The equity curve in at most so many points, evenly: of each stretch its last instant, and the one where equity was lowest, so that no
 * drawdown is lost between two points.
 */
export function equityPoints({ starts, equity, timeframeMs, initialEquity }: BacktestRun): EquityPoint[] {
  const stretch = Math.max(1, Math.ceil((equity.length * 2) / mostPoints))
  const points: EquityPoint[] = []
  let peak = Math.max(0, initialEquity)
  const point = (instant: number, top: number): EquityPoint => ({
    market_time: starts[instant]! + timeframeMs,
    equity: amountText(equity[instant]!),
    drawdown: top > 0 ? Math.min(1, Math.max(0, (top - equity[instant]!) / top)) : 0,
  })
  for (let from = 0; from < equity.length; from += stretch) {
    const to = Math.min(equity.length, from + stretch)
    let [lowest, peakThen] = [from, peak]
    for (let instant = from; instant < to; instant += 1) {
      peak = Math.max(peak, equity[instant]!)
      if (equity[instant]! >= equity[lowest]! && instant > from) continue
      lowest = instant
      peakThen = peak
    }
    if (lowest < to - 1) points.push(point(lowest, peakThen))
    points.push(point(to - 1, peak))
  }
  return points
}
