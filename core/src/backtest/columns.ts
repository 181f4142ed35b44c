/**
 * One product's candles as columns: the form in which a backtest reads them. Prices in quote currency, volume in base units, as the
 * doubles nearest to the text; `start` in ms since 1970, strictly ascending. Gaps are legal: the next row simply starts later.
 */
export interface Columns {
  readonly product: string
  readonly timeframeMs: number
  readonly rows: number
  readonly start: Float64Array
  readonly open: Float64Array
  readonly high: Float64Array
  readonly low: Float64Array
  readonly close: Float64Array
  readonly volume: Float64Array
}

export const columnNames = ['start', 'open', 'high', 'low', 'close', 'volume'] as const
export type ColumnName = (typeof columnNames)[number]

/** The rows [from, to) of the same columns, without a copy. */
export function sliceColumns(columns: Columns, { from, to }: { from: number; to: number }): Columns {
  const part = (column: Float64Array): Float64Array => column.subarray(from, to)
  return {
    product: columns.product,
    timeframeMs: columns.timeframeMs,
    rows: to - from,
    start: part(columns.start),
    open: part(columns.open),
    high: part(columns.high),
    low: part(columns.low),
    close: part(columns.close),
    volume: part(columns.volume),
  }
}

/** Index of the first row that starts at or after a time (ms); the number of rows where none does. */
export function firstRowFrom(columns: Pick<Columns, 'start' | 'rows'>, time: number): number {
  let [low, high] = [0, columns.rows]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((columns.start[middle] ?? Infinity) < time) low = middle + 1
    else high = middle
  }
  return low
}
