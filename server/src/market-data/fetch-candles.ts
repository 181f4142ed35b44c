import { closeSync, existsSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { candleCsv } from '@trader/core/market/candle-csv'
import { minuteMs } from '@trader/core/market/timeframe'
import type { CcxtVenue } from '../exchange/ccxt/ccxt-venue.ts'
import { fetchMinuteCandles } from '../exchange/ccxt/ccxt-candles.ts'
import { ExitError } from '../exit-code.ts'
import { detailOf } from '../exchange/ccxt/ccxt-venue.ts'
import { type Inspection, readCandles } from './inspect-candles.ts'
import { candleLine } from './write-candles.ts'

/** What is asked for and kept at once: a kill loses no more than this. */
const chunkMs = 1000 * minuteMs

export interface FetchOptions {
  readonly venue: CcxtVenue
  readonly product: string
  /** Whole minutes in ms, [from, to). */
  readonly from: number
  readonly to: number
  readonly path: string
  /** Pauses before the 2nd, 3rd, ... try of a chunk that failed for a reason that passes, ms. */
  readonly pausesMs?: readonly number[]
  readonly onProgress?: (upTo: number) => void
}

export interface Fetched extends Inspection {
  /** Rows that were there before. */
  readonly kept: number
}

/**
 * Downloads one-minute candles into a CSV, page by page, oldest first. What is already in the file is not asked for again: after an end
 * of any kind the same call goes on behind the last whole line. The answer is the file as it then is, with its gaps.
 */
export async function fetchCandles(options: FetchOptions): Promise<Fetched> {
  const { venue, product, to, path } = options
  if (!venue.has.minuteCandles) throw new ExitError('usage', `${venue.name} has no one-minute candles`)
  const kept = await openFile(path, options.from)
  let from = Math.max(options.from, (kept.at(-1)?.start ?? -Infinity) + minuteMs)
  const handle = openSync(path, 'a')
  try {
    while (from < to) {
      const end = Math.min(to, from + chunkMs)
      const candles = await persistently(options, () => fetchMinuteCandles(venue, { product, from, to: end }))
      writeSync(handle, candles.map(candleLine).join(''))
      fsyncSync(handle)
      from = end
      options.onProgress?.(end)
    }
  } finally {
    closeSync(handle)
  }
  return { ...(await readCandles(path, { timeframeMs: minuteMs })), kept: kept.length }
}

/** Makes the file, or cuts off a last line that was not written to its end; answers the rows it has. */
async function openFile(path: string, from: number): Promise<Inspection['rows']> {
  if (!existsSync(path)) {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, `${candleCsv.header}\n`)
    return []
  }
  const whole = readFileSync(path).lastIndexOf('\n') + 1
  const handle = openSync(path, 'r+')
  ftruncateSync(handle, whole)
  closeSync(handle)
  if (whole === 0) writeFileSync(path, `${candleCsv.header}\n`)
  const { rows } = await readCandles(path, { timeframeMs: minuteMs })
  const first = rows[0]
  if (first !== undefined && from < first.start) {
    const begins = new Date(first.start).toISOString()
    throw new ExitError('usage', `${basename(path)} begins at ${begins}; an earlier start needs a new file: move this one away`)
  }
  return rows
}

async function persistently<Answer>({ venue, pausesMs = [1000, 5000, 20_000] }: FetchOptions, ask: () => Promise<Answer>): Promise<Answer> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await ask()
    } catch (error) {
      const pause = pausesMs[tries]
      const passes = venue.faultOf(error) !== 'refused'
      if (passes && pause !== undefined) await new Promise((resolve) => setTimeout(resolve, pause))
      else throw new ExitError(passes ? 'dependencyDown' : 'failed', `${venue.name} gave no candles: ${detailOf(error)}`, { cause: error })
    }
  }
}
