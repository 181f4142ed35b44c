import type { ColumnBuilder } from './column-builder.ts'

const [lineFeed, carriageReturn, comma, point, zero, nine] = [10, 13, 44, 46, 48, 57]
const powersOfTen = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15]
/** Whole numbers of this many digits are doubles, so that one division gives the double nearest to the text. */
const mostDigits = 15

/** How far a piece of a file was read. */
export interface ParsedPiece {
  /** Offset of the first byte that was not read: the start of an unfinished line, or of the one that needs a closer look. */
  readonly end: number
  /** Whether the line at `end` is one that the quick rules do not settle: an unusual number, a blank line, or an error. */
  readonly isOdd: boolean
}

/** Where a row is being read: reused, so that no field costs an object. */
const cursor = { at: 0, isOdd: false }

/**
 * Reads whole lines `start,open,high,low,close,volume` of bytes [from, to) into columns and checks every row: digits and points only,
 * prices positive, high and low around open and close, times ascending. It stops before the first line that fails any of this:
 * `core/market/candle-csv` then says what is wrong with it, or that it is well.
 */
export function parseCandleLines(bytes: Uint8Array, from: number, to: number, builder: ColumnBuilder): ParsedPiece {
  const stop = bytes.lastIndexOf(lineFeed, to - 1) + 1
  let end = from
  let previous = builder.rows === 0 ? -1 : builder.columns.start[builder.rows - 1]!
  while (end < stop) {
    if (builder.rows === builder.capacity) builder.reserve(1)
    cursor.at = end
    cursor.isOdd = false
    const start = field(bytes, comma)
    const open = field(bytes, comma)
    const high = field(bytes, comma)
    const low = field(bytes, comma)
    const close = field(bytes, comma)
    const volume = field(bytes, lineFeed)
    const isSound =
      start > previous &&
      start <= 8.64e15 &&
      Number.isInteger(start) &&
      low > 0 &&
      low <= open &&
      low <= close &&
      high >= open &&
      high >= close
    if (cursor.isOdd || !isSound) return { end, isOdd: true }
    const { columns, rows } = builder
    columns.start[rows] = start
    columns.open[rows] = open
    columns.high[rows] = high
    columns.low[rows] = low
    columns.close[rows] = close
    columns.volume[rows] = volume
    builder.rows = rows + 1
    previous = start
    end = cursor.at
  }
  return { end, isOdd: false }
}

/** One number up to its separator; the cursor moves behind it. Whatever is not plain digits with at most one point is odd. */
function field(bytes: Uint8Array, separator: number): number {
  let { at } = cursor
  const first = at
  let value = 0
  let byte = bytes[at]!
  while (byte >= zero && byte <= nine) {
    value = value * 10 + (byte - zero)
    at += 1
    byte = bytes[at]!
  }
  const whole = at - first
  let decimals = 0
  if (byte === point) {
    const firstDecimal = at + 1
    at = firstDecimal
    byte = bytes[at]!
    while (byte >= zero && byte <= nine) {
      value = value * 10 + (byte - zero)
      at += 1
      byte = bytes[at]!
    }
    decimals = at - firstDecimal
    if (decimals === 0) cursor.isOdd = true
  }
  if (byte === carriageReturn && separator === lineFeed) {
    at += 1
    byte = bytes[at]!
  }
  if (byte !== separator || whole === 0 || whole + decimals > mostDigits) cursor.isOdd = true
  cursor.at = at + 1
  return decimals === 0 ? value : value / powersOfTen[decimals]!
}
