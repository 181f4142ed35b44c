import { timeframeName } from '../market/timeframe.ts'
import type { Columns } from './columns.ts'

/**
 * Longer candles from shorter ones, aligned to multiples of the longer timeframe since 1970 (`core/market/resample` in columns). Gaps stay
 * gaps. A last candle whose span the data does not reach the end of is left out: it is not known yet.
 */
export function resampleColumns(columns: Columns, timeframeMs: number): Columns {
  if (timeframeMs === columns.timeframeMs) return columns
  if (timeframeMs % columns.timeframeMs !== 0) {
    const [from, to] = [timeframeName(columns.timeframeMs), timeframeName(timeframeMs)]
    throw new Error(`candles of ${columns.product} of ${from} cannot be resampled to ${to}: not a whole multiple`)
  }
  const { start, open, high, low, close, volume, rows } = columns
  const capacity = countSpans(start, rows, timeframeMs)
  const column = (): Float64Array => new Float64Array(capacity)
  const longer = { start: column(), open: column(), high: column(), low: column(), close: column(), volume: column() }
  let made = 0
  for (let row = 0; row < rows; made += 1) {
    const spanStart = start[row]! - (start[row]! % timeframeMs)
    const first = row
    let [highest, lowest, total] = [high[row]!, low[row]!, 0]
    for (; row < rows && start[row]! < spanStart + timeframeMs; row += 1) {
      highest = Math.max(highest, high[row]!)
      lowest = Math.min(lowest, low[row]!)
      total += volume[row]!
    }
    const last = row - 1
    if (row === rows && start[last]! + columns.timeframeMs < spanStart + timeframeMs) break
    longer.start[made] = spanStart
    longer.open[made] = open[first]!
    longer.high[made] = highest
    longer.low[made] = lowest
    longer.close[made] = close[last]!
    longer.volume[made] = total
  }
  const part = (full: Float64Array): Float64Array => full.subarray(0, made)
  return {
    product: columns.product,
    timeframeMs,
    rows: made,
    start: part(longer.start),
    open: part(longer.open),
    high: part(longer.high),
    low: part(longer.low),
    close: part(longer.close),
    volume: part(longer.volume),
  }
}

function countSpans(start: Float64Array, rows: number, timeframeMs: number): number {
  let [count, before] = [0, Number.NaN]
  for (let row = 0; row < rows; row += 1) {
    const span = Math.floor(start[row]! / timeframeMs)
    if (span !== before) count += 1
    before = span
  }
  return count
}
