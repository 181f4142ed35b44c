import { decimal } from '../money/decimal.ts'
import type { Candle } from '../contract/candle.ts'
import { readCsv, type CsvFields, type CsvFormat } from './csv.ts'

/** A candle as a file has it: prices in quote currency, volume in base units, all exact text. The file's name tells product and timeframe. */
export interface CandleRow {
  readonly start: number
  readonly open: string
  readonly high: string
  readonly low: string
  readonly close: string
  readonly volume: string
}

export const candleCsv: CsvFormat<CandleRow> = { header: 'timestamp_ms,open,high,low,close,volume', parse: parseCandleRow }

/** Candle rows of a CSV text by its lines. A gap is legal; anything else out of order throws with file and line. */
export function readCandleCsv(source: { readonly file: string; readonly lines: Iterable<string> }): Generator<CandleRow> {
  return readCsv(candleCsv, source)
}

export function toCandle(row: CandleRow, { product, timeframeMs }: { readonly product: string; readonly timeframeMs: number }): Candle {
  return {
    product,
    start: row.start,
    timeframe_ms: timeframeMs,
    open: row.open,
    high: row.high,
    low: row.low,
    close: row.close,
    volume: row.volume,
  }
}

function parseCandleRow(fields: CsvFields): CandleRow {
  const row: CandleRow = {
    start: fields.time('timestamp_ms'),
    open: fields.positive('open'),
    high: fields.positive('high'),
    low: fields.positive('low'),
    close: fields.positive('close'),
    volume: fields.unsigned('volume'),
  }
  if (isBelow(row.high, row.low)) fields.fail(`high ${row.high} is below low ${row.low}`)
  for (const column of ['open', 'close'] as const) {
    if (isBelow(row.high, row[column])) fields.fail(`${column} ${row[column]} is above high ${row.high}`)
    if (isBelow(row[column], row.low)) fields.fail(`${column} ${row[column]} is below low ${row.low}`)
  }
  return row
}

/** Exact, and quick: doubles decide unless they are equal (reading a double keeps the order). */
export function isBelow(left: string, right: string): boolean {
  const difference = Number(left) - Number(right)
  return difference === 0 && left !== right ? decimal(left).lt(decimal(right)) : difference < 0
}
