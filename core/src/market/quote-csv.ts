import { isBelow } from './candle-csv.ts'
import { readCsv, type CsvFields, type CsvFormat } from './csv.ts'

const columns = ['bid_open', 'bid_high', 'bid_low', 'bid_close', 'ask_open', 'ask_high', 'ask_low', 'ask_close'] as const

/** Best bid and ask of one candle's span: where they opened, went and closed. Quote currency, exact text. Sizes are checked, not kept. */
export type QuoteRow = Readonly<Record<(typeof columns)[number], string>> & { readonly start: number }

export const quoteCsv: CsvFormat<QuoteRow> = {
  header: 'timestamp_ms,bid_open,bid_high,bid_low,bid_close,bid_size,ask_open,ask_high,ask_low,ask_close,ask_size',
  parse: parseQuoteRow,
}

/** Quote rows of a CSV text by its lines; a crossed or impossible quote throws with file and line. */
export function readQuoteCsv(source: { readonly file: string; readonly lines: Iterable<string> }): Generator<QuoteRow> {
  return readCsv(quoteCsv, source)
}

function parseQuoteRow(fields: CsvFields): QuoteRow {
  const row: QuoteRow = {
    start: fields.time('timestamp_ms'),
    bid_open: fields.positive('bid_open'),
    bid_high: fields.positive('bid_high'),
    bid_low: fields.positive('bid_low'),
    bid_close: fields.positive('bid_close'),
    ask_open: fields.positive('ask_open'),
    ask_high: fields.positive('ask_high'),
    ask_low: fields.positive('ask_low'),
    ask_close: fields.positive('ask_close'),
  }
  fields.unsigned('bid_size')
  fields.unsigned('ask_size')
  for (const side of ['bid', 'ask'] as const) checkRange(fields, row, side)
  for (const moment of ['open', 'high', 'low', 'close'] as const) {
    const [bid, ask] = [row[`bid_${moment}`], row[`ask_${moment}`]]
    if (isBelow(ask, bid)) fields.fail(`bid_${moment} ${bid} is above ask_${moment} ${ask}`)
  }
  return row
}

function checkRange(fields: CsvFields, row: QuoteRow, side: 'bid' | 'ask'): void {
  const [high, low] = [row[`${side}_high`], row[`${side}_low`]]
  if (isBelow(high, low)) fields.fail(`${side}_high ${high} is below ${side}_low ${low}`)
  for (const moment of ['open', 'close'] as const) {
    const price = row[`${side}_${moment}`]
    if (isBelow(high, price)) fields.fail(`${side}_${moment} ${price} is above ${side}_high ${high}`)
    if (isBelow(price, low)) fields.fail(`${side}_${moment} ${price} is below ${side}_low ${low}`)
  }
}
