import { createHash } from 'node:crypto'
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { basename } from 'node:path'
import { ColumnBuilder } from './column-builder.ts'
import { parseCandleLines } from './parse-candle-lines.ts'

const header = 'timestamp_ms,open,high,low,close,volume'
const lineFeed = 10
const chunkBytes = 1 << 20
/** Longer than any line of candles: a file without a line feed for so long is none. */
const longestLine = 1 << 14

export interface CandleCsv {
  readonly builder: ColumnBuilder
  readonly sha256: string
}

/**
 * Reads a candle CSV in pieces, every row checked, into columns; memory holds the columns and one piece. A line that the quick rules do
 * not settle goes to `core/market/candle-csv`, which answers its row or throws with file and line.
 */
export async function readCandleCsv(path: string): Promise<CandleCsv> {
  const handle = openSync(path, 'r')
  try {
    return await new CsvReading(handle, basename(path)).read()
  } finally {
    closeSync(handle)
  }
}

/** One file being read. */
class CsvReading {
  readonly #handle: number
  readonly #file: string
  readonly #size: number
  readonly #hash = createHash('sha256')
  readonly #bytes = Buffer.allocUnsafeSlow(chunkBytes + longestLine + 1)
  /** Bytes of the file that were read; those in the buffer, and where in it the next line starts. */
  #read = 0
  #filled = 0
  #next = 0
  #blankLines = 0

  constructor(handle: number, file: string) {
    this.#handle = handle
    this.#file = file
    this.#size = fstatSync(handle).size
  }

  async read(): Promise<CandleCsv> {
    this.#fill()
    this.#takeHeader()
    const builder = new ColumnBuilder(this.#expectedRows())
    await this.#parse(builder)
    while (this.#read < this.#size) {
      this.#fill()
      await this.#parse(builder)
    }
    if (builder.rows === 0) throw new Error(`file ${this.#file} has no rows, expected the header ${header} and rows`)
    return { builder, sha256: this.#hash.digest('hex') }
  }

  /** Moves what is left of the buffer to its front and reads on behind it. */
  #fill(): void {
    const left = this.#filled - this.#next
    if (left > longestLine) throw new Error(`file ${this.#file}: no line feed within ${longestLine} bytes`)
    this.#bytes.copyWithin(0, this.#next, this.#filled)
    const got = readSync(this.#handle, this.#bytes, left, chunkBytes, this.#read)
    if (got === 0 && this.#read < this.#size) throw new Error(`file ${this.#file} became shorter while it was read`)
    this.#hash.update(this.#bytes.subarray(left, left + got))
    this.#read += got
    this.#next = 0
    this.#filled = left + got
    // The last line may lack its line feed.
    if (this.#read >= this.#size && this.#filled > 0 && this.#bytes[this.#filled - 1] !== lineFeed) this.#bytes[this.#filled++] = lineFeed
  }

  #takeHeader(): void {
    if (this.#filled === 0) throw new Error(`file ${this.#file} is empty, expected the header ${header}`)
    const end = this.#bytes.subarray(0, this.#filled).indexOf(lineFeed)
    const found = this.#bytes.toString('utf8', 0, end < 0 ? this.#filled : end)
    if (found.replace(/^\uFEFF/, '').trim() !== header) {
      throw new Error(`file ${this.#file} line 1: header must be ${header}, was "${found.trim().slice(0, 80)}"`)
    }
    this.#next = end + 1
  }

  /** By the mean length of the lines read so far, with a little room. */
  #expectedRows(): number {
    const seen = this.#bytes.subarray(this.#next, this.#filled)
    let [lines, end] = [0, 0]
    for (; lines < 1000; lines += 1) {
      const at = seen.indexOf(lineFeed, end)
      if (at < 0) break
      end = at + 1
    }
    return lines === 0 ? 0 : (this.#size / (end / lines)) * 1.02
  }

  async #parse(builder: ColumnBuilder): Promise<void> {
    for (;;) {
      const piece = parseCandleLines(this.#bytes, this.#next, this.#filled, builder)
      this.#next = piece.end
      if (!piece.isOdd) return
      const end = this.#bytes.indexOf(lineFeed, this.#next)
      await this.#takeOddLine(this.#bytes.toString('utf8', this.#next, end), builder)
      this.#next = end + 1
    }
  }

  async #takeOddLine(text: string, builder: ColumnBuilder): Promise<void> {
    const line = builder.rows + this.#blankLines + 2
    if (text.trim() === '') {
      this.#blankLines += 1
      return
    }
    const { parseCsvRow } = await import('@trader/core/market/csv')
    const { candleCsv } = await import('@trader/core/market/candle-csv')
    const previous = builder.rows === 0 ? null : builder.columns.start[builder.rows - 1]!
    const row = parseCsvRow(candleCsv, { file: this.#file, line, text }, previous)
    builder.add([row.start, Number(row.open), Number(row.high), Number(row.low), Number(row.close), Number(row.volume)])
  }
}
