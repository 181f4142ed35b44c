import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { timeframeMs as lengthOf } from '@trader/core/market/timeframe'
import { describeError } from '../exit-code.ts'
import { inspectCandles } from './inspect-candles.ts'

/** One file of the catalogue. Times in ms; null where the file has no candle or cannot be read. */
export interface CatalogueEntry {
  readonly name: string
  readonly product: string
  readonly timeframe: string
  readonly rows: number
  readonly first: number | null
  readonly last: number | null
  readonly gaps: number
  readonly missing: number
  readonly problems: number
  readonly error: string | null
}

/** `DATA_DIR/candles`: files called `<exchange>_<product>_<timeframe>.csv` or `.parquet`, which anybody may put there. */
export function catalogueFolder(dataDir: string): string {
  return join(dataDir, 'candles')
}

/** Path of a catalogue file by its name, with or without its ending; null where there is none. */
export function catalogueFile(dataDir: string, name: string): string | null {
  if (!/^[A-Za-z0-9][\w.-]*$/.test(name)) return null
  const paths = ['', '.csv', '.parquet'].map((ending) => join(catalogueFolder(dataDir), `${name}${ending}`))
  return paths.find((path) => /\.(csv|parquet)$/.test(path) && existsSync(path)) ?? null
}

/** Every file of the catalogue, read through. */
export async function listCatalogue(dataDir: string): Promise<CatalogueEntry[]> {
  const folder = catalogueFolder(dataDir)
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => /\.(csv|parquet)$/.test(file)) : []
  const entries: CatalogueEntry[] = []
  for (const file of files.toSorted()) entries.push(await describeFile(folder, file))
  return entries
}

async function describeFile(folder: string, file: string): Promise<CatalogueEntry> {
  const name = file.replace(/\.(csv|parquet)$/, '')
  const [, product = '', timeframe = ''] = name.split('_')
  const empty = { name, product, timeframe, rows: 0, first: null, last: null, gaps: 0, missing: 0, problems: 0 }
  try {
    const { rows, gaps, problems } = await inspectCandles(join(folder, file), { timeframeMs: lengthOf(timeframe) ?? null })
    const missing = gaps.reduce((sum, gap) => sum + gap.missing, 0)
    const span = { rows: rows.length, first: rows[0]?.start ?? null, last: rows.at(-1)?.start ?? null }
    return { ...empty, ...span, gaps: gaps.length, missing, problems: problems.length, error: null }
  } catch (error) {
    return { ...empty, error: describeError(error) }
  }
}
