import { firstRowFrom, type Columns } from '../columns.ts'

/** The instants of a run: the distinct starts of all products' candles, in order. */
export interface Timeline {
  readonly starts: Float64Array
  /** Instants before the run trades. */
  readonly warmUp: number
  /** Candles of all products from then on. */
  readonly bars: number
}

/** One product's starts are the instants as they are; several are merged. */
export function timelineOf(columns: readonly Columns[], from: number): Timeline {
  const [first] = columns
  if (first === undefined) throw new Error('a backtest needs candles of at least one product')
  const starts = columns.length === 1 ? first.start.subarray(0, first.rows) : mergeStarts(columns)
  const bars = columns.reduce((total, each) => total + each.rows - firstRowFrom(each, from), 0)
  return { starts, warmUp: firstRowFrom({ start: starts, rows: starts.length }, from), bars }
}

function mergeStarts(columns: readonly Columns[]): Float64Array {
  const merged = new Float64Array(columns.reduce((total, each) => total + each.rows, 0))
  const next = columns.map(() => 0)
  let count = 0
  for (;;) {
    let start = Infinity
    for (const [index, each] of columns.entries()) start = Math.min(start, startAt(each, next[index]!))
    if (start === Infinity) return merged.slice(0, count)
    for (const [index, each] of columns.entries()) if (startAt(each, next[index]!) === start) next[index]! += 1
    merged[count] = start
    count += 1
  }
}

function startAt(columns: Columns, row: number): number {
  return row < columns.rows ? columns.start[row]! : Infinity
}
