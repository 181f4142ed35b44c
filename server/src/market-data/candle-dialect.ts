import { candleCsv } from '@trader/core/market/candle-csv'

/** Where a foreign table of candles keeps what we want: column indexes in our own order. */
export interface CandleDialect {
  readonly columns: readonly number[]
  /** Whether the first row is a heading. */
  readonly hasHeader: boolean
}

/** Other programs' names of our columns, in our order. */
const names: readonly (readonly string[])[] = [
  ['timestamp_ms', 'timestamp', 'time', 'date', 'datetime', 'open_time', 'opentime', 'unix', 'ts', 't'],
  ['open', 'o'],
  ['high', 'h'],
  ['low', 'l'],
  ['close', 'c'],
  ['volume', 'vol', 'v', 'base_volume', 'volume_base'],
]
/** Archives without a heading by their number of columns: both begin with time, open, high, low, close. */
const headless: ReadonlyMap<number, readonly number[]> = new Map([
  [6, [0, 1, 2, 3, 4, 5]],
  // Kraken's OHLCVT: time, open, high, low, close, volume, trades.
  [7, [0, 1, 2, 3, 4, 5]],
  // Binance's klines: open time, open, high, low, close, volume, close time, quote volume, ...
  [12, [0, 1, 2, 3, 4, 5]],
])

/** How a table is read, by its first row: a heading in one of the known vocabularies (Coinbase's order too), or a known archive's numbers. */
export function detectDialect(firstRow: readonly string[], file: string): CandleDialect {
  const words = firstRow.map((word) =>
    word
      .replace(/^\uFEFF/, '')
      .trim()
      .toLowerCase()
      .replaceAll(' ', '_'),
  )
  const isHeading = words.some((word) => names.some((known) => known.includes(word)))
  if (!isHeading) {
    const columns = headless.get(words.length)
    if (columns !== undefined && readTime(words[0] ?? '') !== null) return { columns, hasHeader: false }
    throw new Error(
      `file ${file} line 1: no header such as ${candleCsv.header} and no known archive, was "${firstRow.join(',').slice(0, 80)}"`,
    )
  }
  const columns = names.map((known) => known.map((name) => words.indexOf(name)).find((index) => index >= 0) ?? -1)
  const missing = names.flatMap((known, index) => (columns[index] === -1 ? [known[0]] : []))
  if (missing.length > 0)
    throw new Error(`file ${file} line 1: no column for ${missing.join(', ')} in "${firstRow.join(',').slice(0, 80)}"`)
  return { columns, hasHeader: true }
}

const isoTime = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?))?(?:Z| ?UTC|\+00:?00)?$/

/**
 * A time in ms since 1970: whole seconds, ms or microseconds by their size (all from 1973 to 5138), or an ISO date and time in UTC,
 * where none is midnight. Null for anything else, other zones among it.
 */
export function readTime(text: string): number | null {
  const number = /^(\d{9,17})(?:\.0+)?$/.exec(text.trim())?.[1]
  if (number !== undefined) {
    const value = Number(number)
    if (value < 1e11) return value * 1000
    if (value < 1e14) return value
    return value % 1000 === 0 ? value / 1000 : null
  }
  const [, day, time = '00:00'] = isoTime.exec(text.trim()) ?? []
  if (day === undefined) return null
  const ms = Date.parse(`${day}T${time}Z`)
  // Date.parse takes 31 February for 3 March.
  return Number.isFinite(ms) && new Date(ms).toISOString().startsWith(day) ? ms : null
}
