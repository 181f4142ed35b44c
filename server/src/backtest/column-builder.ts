import { type ColumnName, columnNames } from '@trader/core/backtest/columns'

/** Columns while they are being read: as long as the file promises, longer where it breaks the promise. */
export class ColumnBuilder {
  rows = 0
  columns: Record<ColumnName, Float64Array<ArrayBuffer>>

  constructor(expectedRows: number) {
    this.columns = newColumns(Math.max(16, Math.ceil(expectedRows)))
  }

  get capacity(): number {
    return this.columns.start.length
  }

  /** Room for at least `rows` more. */
  reserve(rows: number): void {
    if (this.rows + rows <= this.capacity) return
    const before = this.columns
    this.columns = newColumns(Math.max(this.rows + rows, Math.ceil(this.capacity * 1.5)))
    for (const name of columnNames) this.columns[name].set(before[name].subarray(0, this.rows))
  }

  add(row: readonly [start: number, open: number, high: number, low: number, close: number, volume: number]): void {
    this.reserve(1)
    for (const [index, name] of columnNames.entries()) this.columns[name][this.rows] = row[index]!
    this.rows += 1
  }

  /** The columns as far as they are filled. */
  built(): Record<ColumnName, Float64Array<ArrayBuffer>> {
    return {
      start: this.columns.start.subarray(0, this.rows),
      open: this.columns.open.subarray(0, this.rows),
      high: this.columns.high.subarray(0, this.rows),
      low: this.columns.low.subarray(0, this.rows),
      close: this.columns.close.subarray(0, this.rows),
      volume: this.columns.volume.subarray(0, this.rows),
    }
  }
}

function newColumns(rows: number): Record<ColumnName, Float64Array<ArrayBuffer>> {
  const column = (): Float64Array<ArrayBuffer> => new Float64Array(rows)
  return { start: column(), open: column(), high: column(), low: column(), close: column(), volume: column() }
}
