import { firstRowFrom } from './columns.ts'
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
export function equityPerPeriod(
  run: Pick<BacktestRun, 'starts' | 'equityAt' | 'timeframeMs' | 'initialEquity'>,
  periodMs: number,
): number[] {
  const { starts, equityAt, timeframeMs, initialEquity } = run
  const series = [initialEquity]
  if (starts.length === 0) return []
  const rows = starts.length
  const end = starts[rows - 1]! + timeframeMs
  for (let time = starts[0]! + periodMs; time <= end; time += periodMs) {
    // The first instant that ends after this time; the one before it is the last known.
    const next = firstRowFrom({ start: starts, rows }, time - timeframeMs + 1)
    series.push(next === 0 ? initialEquity : equityAt(next - 1))
  }
  return series
}
