import { createReadStream, statSync } from 'node:fs'
import { basename } from 'node:path'
import { createInterface } from 'node:readline'
import { describeError, ExitError } from '../exit-code.ts'

/** One row of a table as text, and where it stands: a line of a CSV from 1 on, a row of a Parquet file with its names as row 1. */
export interface TableRow {
  readonly line: number
  readonly values: readonly string[]
}

/** The rows of a CSV or Parquet file, one by one, the heading first. */
export async function* tableRows(path: string): AsyncGenerator<TableRow> {
  requireFile(path)
  if (path.endsWith('.parquet')) {
    const { parquetRows } = await import('./candle-parquet.ts')
    yield* parquetRows(path)
    return
  }
  let line = 0
  for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    line += 1
    if (text.trim() === '') continue
    const separator = !text.includes(',') && text.includes(';') ? ';' : ','
    yield { line, values: text.split(separator).map((value) => value.trim().replace(/^"(.*)"$/, '$1')) }
  }
}

function requireFile(path: string): void {
  try {
    if (statSync(path).isFile()) return
  } catch (error) {
    throw new ExitError('failed', `cannot read ${basename(path)}: ${describeError(error)}`)
  }
  throw new ExitError('failed', `cannot read ${basename(path)}: it is not a file`)
}
