import { type ColumnName, columnNames, type Columns } from '@trader/core/backtest/columns'

/** Columns in memory that threads share: each sees the same candles, and none copies them. */
export interface SharedColumns extends Pick<Columns, 'product' | 'timeframeMs' | 'rows'> {
  readonly memory: SharedArrayBuffer
}

export function shareColumns(columns: Columns): SharedColumns {
  const { product, timeframeMs, rows } = columns
  const memory = new SharedArrayBuffer(rows * columnNames.length * 8)
  for (const [index, name] of columnNames.entries()) columnIn(memory, { index, rows }).set(columns[name].subarray(0, rows))
  return { product, timeframeMs, rows, memory }
}

export function sharedColumns({ product, timeframeMs, rows, memory }: SharedColumns): Columns {
  const column = (name: ColumnName): Float64Array => columnIn(memory, { index: columnNames.indexOf(name), rows })
  return {
    product,
    timeframeMs,
    rows,
    start: column('start'),
    open: column('open'),
    high: column('high'),
    low: column('low'),
    close: column('close'),
    volume: column('volume'),
  }
}

function columnIn(memory: SharedArrayBuffer, { index, rows }: { index: number; rows: number }): Float64Array {
  return new Float64Array(memory, index * rows * 8, rows)
}
