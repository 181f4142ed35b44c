import { existsSync, renameSync, writeFileSync } from 'node:fs'
import { candleCsv, type CandleRow, toCandle } from '@trader/core/market/candle-csv'
import { resample } from '@trader/core/market/resample'
import { ExitError } from '../exit-code.ts'

/** One line of the project's own format. */
export function candleLine({ start, open, high, low, close, volume }: CandleRow): string {
  return `${start},${open},${high},${low},${close},${volume}\n`
}

/** Writes candles as Parquet where the name ends so, else as the project's CSV: whole or not at all, and never over a file. */
export async function writeCandles(path: string, rows: readonly CandleRow[]): Promise<void> {
  if (existsSync(path)) throw new ExitError('usage', `${path} is already there; choose another name`)
  const bytes = path.endsWith('.parquet')
    ? (await import('./candle-parquet.ts')).candleParquet(rows)
    : `${candleCsv.header}\n${rows.map(candleLine).join('')}`
  const partial = `${path}.partial`
  writeFileSync(partial, bytes)
  renameSync(partial, path)
}

/** Longer candles (`core/market/resample`); the last is left out where its span goes beyond the data. */
export function resampled(
  rows: readonly CandleRow[],
  { product, fromMs, toMs }: { readonly product: string; readonly fromMs: number; readonly toMs: number },
): CandleRow[] {
  const end = (rows.at(-1)?.start ?? 0) + fromMs
  const candles = rows.map((row) => toCandle(row, { product, timeframeMs: fromMs }))
  return [...resample(candles, toMs)].filter(({ start }) => start + toMs <= end)
}
