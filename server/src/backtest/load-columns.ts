import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { type ColumnName, type Columns } from '@trader/core/backtest/columns'
import type { BacktestData } from '@trader/core/contract/backtest'
import { timeframeName } from '@trader/core/market/timeframe'
import { describeError, ExitError } from '../exit-code.ts'
import { type CandleFileName, readCandleFileName } from './candle-file-name.ts'
import { readColumnFile, writeColumnFile } from './column-file.ts'
import { readCandleCsv } from './read-candle-csv.ts'

/** A file of candles in memory, and what is known of it. */
export interface LoadedColumns {
  readonly columns: Columns
  readonly data: BacktestData
}

/** Columns of a file, whatever its format, and the hash of its bytes. */
export interface ReadColumns {
  readonly columns: Readonly<Record<ColumnName, Float64Array>>
  readonly sha256: string
}

/** How files are read, by the ending of their name. Another format is a line here. */
const readers: Readonly<Record<string, (path: string) => Promise<ReadColumns>>> = {
  '.csv': async (path) => {
    const { builder, sha256 } = await readCandleCsv(path)
    return { columns: builder.built(), sha256 }
  },
}

/**
 * The candles of a file as columns. With a cache directory, a file that has not changed since it was read last comes from there, raw.
 * A bad file is refused with its name and line.
 */
export async function loadColumns(given: string, { cacheDir }: { readonly cacheDir: string | null }): Promise<LoadedColumns> {
  const name = readCandleFileName(given)
  const { columns, sha256 } = await readOrRecall(name, cacheDir)
  const rows = columns.start.length
  const lengthMs = timeframeOf(name, columns.start)
  const { gaps, missing } = gapsOf(columns.start, lengthMs)
  const first = columns.start[0] ?? 0
  const last = columns.start[rows - 1] ?? 0
  return {
    columns: { product: name.product, timeframeMs: lengthMs, rows, ...columns },
    data: { product: name.product, file: basename(name.path), sha256, rows, timeframe_ms: lengthMs, first, last, gaps, missing },
  }
}

async function readOrRecall({ path }: CandleFileName, cacheDir: string | null): Promise<ReadColumns> {
  const ending = /\.[^.]+$/.exec(path)?.[0].toLowerCase() ?? ''
  const read = readers[ending]
  if (read === undefined) {
    throw new ExitError(
      'usage',
      `file ${basename(path)}: candles are read from ${Object.keys(readers).join(', ')}, not from ${ending || 'a file without an ending'}`,
    )
  }
  const source = sourceOf(path)
  const kept = cacheDir === null ? null : join(cacheDir, `${createHash('sha256').update(resolve(path)).digest('hex').slice(0, 24)}.columns`)
  const recalled = kept === null ? null : readColumnFile(kept, source)
  if (recalled !== null) return { columns: recalled.columns, sha256: recalled.header.sha256 }
  const { columns, sha256 } = await reading(path, read)
  if (kept !== null) writeColumnFile(kept, { header: { version: 1, rows: columns.start.length, sha256, source }, columns })
  return { columns, sha256 }
}

/** What changes when a file does. */
function sourceOf(path: string): string {
  try {
    const { size, mtimeNs, ctimeNs, ino } = statSync(path, { bigint: true })
    return [size, mtimeNs, ctimeNs, ino].join('-')
  } catch (error) {
    throw new ExitError('usage', `cannot read the candles: ${describeError(error)}`, { cause: error })
  }
}

/** What a reader finds wrong with a file is its user's to mend. */
async function reading(path: string, read: (path: string) => Promise<ReadColumns>): Promise<ReadColumns> {
  try {
    return await read(path)
  } catch (error) {
    throw new ExitError('usage', describeError(error), { cause: error })
  }
}

/** The name's word (`_1m_`), unless rows are closer than that; without one, the distance of the closest rows. */
function timeframeOf({ path, timeframeMs: named }: CandleFileName, start: Float64Array): number {
  let smallest = Infinity
  for (let row = 1; row < start.length; row += 1) {
    const step = start[row]! - start[row - 1]!
    if (step < smallest) smallest = step
  }
  const file = basename(path)
  if (named === null && smallest === Infinity) {
    throw new ExitError('usage', `file ${file} has one candle and no timeframe in its name, such as _1m_`)
  }
  if (named !== null && named > smallest) {
    throw new ExitError('usage', `file ${file} says ${timeframeName(named)} but has rows ${smallest} ms apart`)
  }
  return named ?? smallest
}

/** Spans without a candle, and how many candles are missing in them. */
function gapsOf(start: Float64Array, timeframeMs: number): { gaps: number; missing: number } {
  let [gaps, missing] = [0, 0]
  for (let row = 1; row < start.length; row += 1) {
    const step = start[row]! - start[row - 1]!
    if (step <= timeframeMs) continue
    gaps += 1
    missing += Math.round(step / timeframeMs) - 1
  }
  return { gaps, missing }
}
