import { type Columns, firstRowFrom, sliceColumns } from '@trader/core/backtest/columns'
import { resampleColumns } from '@trader/core/backtest/resample-columns'
import { utcTime } from '@trader/core/backtest/utc-date'
import type { BacktestConfig, BacktestData } from '@trader/core/contract/backtest'
import { timeframeName } from '@trader/core/market/timeframe'
import { describeError, ExitError } from '../exit-code.ts'
import type { LoadedColumns } from './load-columns.ts'

/** The candles that a run sees, and the span it trades. */
export interface PreparedCandles {
  /** One per product, warm-up candles before `from` included. */
  readonly columns: readonly Columns[]
  readonly data: readonly BacktestData[]
  readonly timeframeMs: number
  readonly from: number
  readonly to: number
}

/** What a feature vector looks back at: averages that remember have settled by then. */
const leastWarmUp = 120
/** Warm-up candles given per candle that a rule needs: what remembers longer than its period settles too. */
const warmUpFactor = 3

/** Picks products, joins files of one product, resamples and cuts to the span, with what `warmUp` candles need before it. */
export function prepareCandles(
  loaded: readonly LoadedColumns[],
  config: BacktestConfig,
): Omit<PreparedCandles, 'columns'> & { readonly whole: readonly Columns[] } {
  const joined = joinFiles(loaded.map(({ columns }) => columns))
  const products = config.products ?? joined.map(({ product }) => product)
  const chosen = products.map((product) => joined.find((columns) => columns.product === product) ?? missingProduct(product, joined))
  const timeframeMs = config.timeframe_ms ?? commonTimeframe(chosen)
  const whole = chosen.map((columns) => resampled(columns, timeframeMs))
  const span = spanOf(whole, timeframeMs)
  const from = withinSpan('from', config.from, { span, fallback: span.first })
  const to = withinSpan('to', config.to, { span, fallback: span.end })
  if (from >= to) throw new ExitError('usage', `from ${utcTime(from)} must be before to ${utcTime(to)}`)
  const used = new Set(products)
  return { whole, timeframeMs, from, to, data: loaded.map(({ data }) => data).filter(({ product }) => used.has(product)) }
}

/** The candles from a warm-up before `from` up to `to`, of every product; refused where a product has too few to begin. */
export function cutCandles(
  { whole, from, to }: { readonly whole: readonly Columns[]; readonly from: number; readonly to: number },
  warmUp: number,
): Columns[] {
  const before = Math.max(leastWarmUp, warmUpFactor * warmUp)
  return whole.map((columns) => {
    const first = firstRowFrom(columns, from)
    const cut = sliceColumns(columns, { from: Math.max(0, first - before), to: firstRowFrom(columns, to) })
    if (cut.rows <= warmUp) {
      throw new ExitError(
        'usage',
        `the strategy needs ${warmUp} candles of ${columns.product} to warm up and one to trade; up to ${utcTime(to)} there are ${cut.rows}`,
      )
    }
    return cut
  })
}

function missingProduct(product: string, joined: readonly Columns[]): never {
  throw new ExitError('usage', `there are no candles of ${product}; the data has ${joined.map((columns) => columns.product).join(', ')}`)
}

function commonTimeframe(columns: readonly Columns[]): number {
  const lengths = [...new Set(columns.map(({ timeframeMs }) => timeframeMs))]
  if (lengths.length === 1) return lengths[0]!
  throw new ExitError(
    'usage',
    `the candles have different timeframes, ${lengths.map(timeframeName).join(' and ')}: say which with --timeframe`,
  )
}

function resampled(columns: Columns, timeframeMs: number): Columns {
  try {
    return resampleColumns(columns, timeframeMs)
  } catch (error) {
    throw new ExitError('usage', describeError(error), { cause: error })
  }
}

interface Span {
  readonly first: number
  readonly end: number
}

function spanOf(columns: readonly Columns[], timeframeMs: number): Span {
  const starts = columns.filter(({ rows }) => rows > 0).map(({ start }) => start)
  if (starts.length === 0) throw new ExitError('usage', `the data has no whole candle of ${timeframeName(timeframeMs)}`)
  return { first: Math.min(...starts.map((start) => start[0]!)), end: Math.max(...starts.map((start) => start.at(-1)!)) + timeframeMs }
}

function withinSpan(name: string, asked: number | undefined, { span, fallback }: { span: Span; fallback: number }): number {
  if (asked === undefined) return fallback
  if (asked >= span.first && asked <= span.end) return asked
  throw new ExitError('usage', `${name} ${utcTime(asked)} lies outside the data, which has ${utcTime(span.first)} to ${utcTime(span.end)}`)
}

/** Files of one product as one, in order of time; where they overlap nobody could say which is right. */
function joinFiles(files: readonly Columns[]): Columns[] {
  const products = [...new Set(files.map(({ product }) => product))]
  return products.map((product) => {
    const parts = files.filter((columns) => columns.product === product).sort((a, b) => a.start[0]! - b.start[0]!)
    return parts.reduce((joined, next) => join(joined, next))
  })
}

function join(before: Columns, after: Columns): Columns {
  if (before.timeframeMs !== after.timeframeMs) {
    throw new ExitError(
      'usage',
      `two files of ${before.product} have different timeframes, ${timeframeName(before.timeframeMs)} and ${timeframeName(after.timeframeMs)}`,
    )
  }
  if (after.start[0]! <= before.start.at(-1)!) {
    throw new ExitError(
      'usage',
      `two files of ${before.product} overlap at ${utcTime(after.start[0]!)}: give one of them, or cut them apart`,
    )
  }
  const both = (one: Float64Array, other: Float64Array): Float64Array => {
    const column = new Float64Array(one.length + other.length)
    column.set(one)
    column.set(other, one.length)
    return column
  }
  return {
    product: before.product,
    timeframeMs: before.timeframeMs,
    rows: before.rows + after.rows,
    start: both(before.start, after.start),
    open: both(before.open, after.open),
    high: both(before.high, after.high),
    low: both(before.low, after.low),
    close: both(before.close, after.close),
    volume: both(before.volume, after.volume),
  }
}
