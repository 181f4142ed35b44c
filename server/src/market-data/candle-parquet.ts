import type { CandleRow } from '@trader/core/market/candle-csv'
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { parquetWriteBuffer } from 'hyparquet-writer'
import type { TableRow } from './candle-table.ts'

const rowsAtOnce = 50_000
const amounts = ['open', 'high', 'low', 'close', 'volume'] as const

/** Candles as a Parquet file: `timestamp_ms` as INT64, prices and volume as DOUBLE, the doubles nearest to their text. */
export function candleParquet(rows: readonly CandleRow[]): Uint8Array {
  const starts = { name: 'timestamp_ms', data: rows.map(({ start }) => BigInt(start)), type: 'INT64' } as const
  const columns = amounts.map((name) => ({ name, data: rows.map((row) => Number(row[name])), type: 'DOUBLE' as const }))
  return new Uint8Array(parquetWriteBuffer({ columnData: [starts, ...columns] }))
}

/** The rows of a Parquet file as text, its column names first. */
export async function* parquetRows(path: string): AsyncGenerator<TableRow> {
  const file = await asyncBufferFromFile(path)
  const metadata = await parquetMetadataAsync(file)
  const total = Number(metadata.num_rows)
  const names: readonly string[] = metadata.schema.slice(1).map(({ name }) => name)
  yield { line: 1, values: names }
  for (let rowStart = 0; rowStart < total; rowStart += rowsAtOnce) {
    const rowEnd = Math.min(total, rowStart + rowsAtOnce)
    const objects = await parquetReadObjects({ file, metadata, compressors, rowStart, rowEnd })
    for (const [index, object] of objects.entries()) {
      yield { line: rowStart + index + 2, values: names.map((name) => textOf(object[name])) }
    }
  }
}

function textOf(value: unknown): string {
  if (value instanceof Date) return String(value.getTime())
  return typeof value === 'bigint' || typeof value === 'number' || typeof value === 'string' ? String(value) : ''
}
