import type { BacktestRun } from './run.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** From this many days on there are enough daily returns to speak of; below, hours serve. */
const leastDays = 30

/** Distance of the returns that statistics are made of: a day, an hour in a run of under 30 days, and never less than a candle. */
export function periodOf({ starts, timeframeMs }: Pick<BacktestRun, 'starts' | 'timeframeMs'>): number {
  const spanMs = starts.length === 0 ? 0 : starts.at(-1)! - starts[0]!
  return Math.max(timeframeMs, spanMs >= leastDays * dayMs ? dayMs : hourMs)
}

/** Equity at the beginning and every `periodMs` after it, each time the last known value; the rest of the last period is left out. */
export function equityPerPeriod(run: Pick<BacktestRun, 'starts' | 'equity' | 'timeframeMs' | 'initialEquity'>, periodMs: number): number[] {
  const { starts, equity, timeframeMs, initialEquity } = run
  if (starts.length === 0) return []
  const series = [initialEquity]
  let next = starts[0]! + periodMs
  for (let instant = 0; instant < starts.length; instant += 1) {
    const end = starts[instant]! + timeframeMs
    // A gap may span whole periods: nothing changed in them.
    while (end > next) {
      series.push(equity[instant - 1] ?? initialEquity)
      next += periodMs
    }
    if (end === next) {
      series.push(equity[instant]!)
      next += periodMs
    }
  }
  return series
}
