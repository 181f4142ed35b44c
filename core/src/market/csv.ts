import { decimal, toText } from '../money/decimal.ts'

/** One line of a CSV file and where it stands, counted from 1, for messages. */
export interface CsvLine {
  readonly file: string
  readonly line: number
  readonly text: string
}

/** How one kind of file is read: its exact header, and a row made of the fields of one line. */
export interface CsvFormat<Row extends { readonly start: number }> {
  readonly header: string
  readonly parse: (fields: CsvFields) => Row
}

/** The fields of one line by column name; a bad one throws with file, line and column. */
export interface CsvFields {
  readonly time: (column: string) => number
  readonly positive: (column: string) => string
  readonly unsigned: (column: string) => string
  readonly fail: (problem: string) => never
}

/** Rows of a file, one by one, so that a year of minutes needs no memory. Throws at the first bad line. */
export function* readCsv<Row extends { readonly start: number }>(
  format: CsvFormat<Row>,
  { file, lines }: { readonly file: string; readonly lines: Iterable<string> },
): Generator<Row> {
  let line = 0
  let previousStart: number | null = null
  for (const text of lines) {
    line += 1
    if (line === 1) checkCsvHeader(format, { file, line, text })
    else if (text.trim() !== '') {
      const row: Row = parseCsvRow(format, { file, line, text }, previousStart)
      previousStart = row.start
      yield row
    }
  }
  if (line === 0) throw new Error(`file ${file} is empty, expected the header ${format.header}`)
}

export function checkCsvHeader(format: { readonly header: string }, { file, line, text }: CsvLine): void {
  const found = text.replace(/^\uFEFF/, '').trim()
  if (found !== format.header) throw new Error(`file ${file} line ${line}: header must be ${format.header}, was ${quoted(found)}`)
}

/** One row; it must start after the row before it. */
export function parseCsvRow<Row extends { readonly start: number }>(
  format: CsvFormat<Row>,
  line: CsvLine,
  previousStart: number | null,
): Row {
  const fields = csvFields(format.header.split(','), line)
  const row = format.parse(fields)
  if (row.start === previousStart) fields.fail(`timestamp_ms ${row.start} appears twice`)
  if (previousStart !== null && row.start < previousStart) fields.fail(`timestamp_ms ${row.start} is not after ${previousStart}`)
  return row
}

function csvFields(columns: readonly string[], { file, line, text }: CsvLine): CsvFields {
  const fail = (problem: string): never => {
    throw new Error(`file ${file} line ${line}: ${problem}`)
  }
  const values = text.trimEnd().split(',')
  if (values.length !== columns.length) fail(`expected ${columns.length} columns, found ${values.length}`)
  const valueOf = (column: string): string => values[columns.indexOf(column)] ?? ''
  const unsigned = (column: string): string => {
    const amount = plainAmount(valueOf(column))
    return amount ?? fail(`${column} must be a decimal number, not negative, was ${quoted(valueOf(column))}`)
  }
  return {
    fail,
    unsigned,
    positive: (column) => {
      const amount = unsigned(column)
      return /[1-9]/.test(amount) ? amount : fail(`${column} must be positive, was ${amount}`)
    },
    time: (column) => {
      const value = valueOf(column)
      return /^\d{1,16}$/.test(value) && Number(value) <= 8.64e15
        ? Number(value)
        : fail(`${column} must be whole milliseconds since 1970, was ${quoted(value)}`)
    },
  }
}

const plainForm = /^\d{1,20}(\.\d{1,18})?$/
const longForm = /^\d{1,20}(\.\d{1,40})?(e[+-]?\d{1,3})?$/i

/**
 * The amount as it is written on every wire, without zeros that say nothing: what is stored and read again has the same text. A form that
 * amounts do not have but programs write (1e-05, or a double's 0.0038217599999999996) becomes plain text with at most 18 decimals,
 * half-even. Null for what is no amount.
 */
function plainAmount(text: string): string | null {
  if (plainForm.test(text)) return withoutIdleZeros(text)
  if (!longForm.test(text)) return null
  const value = decimal(text)
  return value.lt('1e20') ? toText(value) : null
}

function withoutIdleZeros(text: string): string {
  const whole = text.replace(/^0+(?=\d)/, '')
  return whole.includes('.') ? whole.replace(/\.?0+$/, '') : whole
}

function quoted(text: string): string {
  return text.length > 80 ? `"${text.slice(0, 80)}..."` : `"${text}"`
}
