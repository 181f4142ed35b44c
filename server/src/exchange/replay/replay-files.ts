import { open, stat, type FileHandle } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { candleCsv, type CandleRow } from '@trader/core/market/candle-csv'
import { findProduct, unknownProduct } from '@trader/core/market/product'
import { quoteCsv, type QuoteRow } from '@trader/core/market/quote-csv'
import { timeframeMs, timeframeName } from '@trader/core/market/timeframe'
import { openCsvFile, type CsvFile } from './csv-file.ts'

/** A product's candles, and its quotes where there is a file of them. */
export interface ReplayProduct {
  readonly product: string
  readonly timeframeMs: number
  readonly candles: CsvFile<CandleRow>
  readonly quotes: CsvFile<QuoteRow> | null
}

/**
 * Opens the files of a replay. A file is `PRODUCT=path`, or its name holds the product (`coinbase_BTC-USD_1m_....csv`); its header
 * tells candles from quotes. Every bad file is named in one error.
 */
export async function openReplayFiles(files: readonly string[]): Promise<ReplayProduct[]> {
  const settled = await Promise.allSettled(files.map(openReplayFile))
  const opened = settled.filter((result) => result.status === 'fulfilled').map((result) => result.value)
  try {
    const problems = settled.filter((result) => result.status === 'rejected').map((result) => messageOf(result.reason))
    if (problems.length > 0) throw new Error(problems.join('\n'))
    if (files.length === 0) throw new Error('a replay needs at least one candle file')
    return pairUp(opened)
  } catch (cause) {
    await Promise.all(opened.map((file) => file.csv.close()))
    throw cause
  }
}

type OpenedFile =
  | { readonly kind: 'candles'; readonly product: string; readonly csv: CsvFile<CandleRow>; readonly timeframeMs: number }
  | { readonly kind: 'quotes'; readonly product: string; readonly csv: CsvFile<QuoteRow> }

async function openReplayFile(file: string): Promise<OpenedFile> {
  const { product, path } = productOf(file)
  const header = await firstLineOf(path)
  if (header === quoteCsv.header) return { kind: 'quotes', product, csv: await openCsvFile(path, quoteCsv) }
  const csv = await openCsvFile(path, candleCsv)
  try {
    return { kind: 'candles', product, csv, timeframeMs: timeframeOf(path, csv.smallestStep) }
  } catch (cause) {
    await csv.close()
    throw cause
  }
}

const productInName = /(?:^|_)([A-Za-z0-9]{1,12}-[A-Za-z0-9]{1,12})(?=[_.])/

function productOf(file: string): { readonly product: string; readonly path: string } {
  const explicit = /^([A-Za-z0-9]{1,12}[-/][A-Za-z0-9]{1,12})=(.+)$/.exec(file)
  const path = explicit?.[2] ?? file
  const found = (explicit?.[1] ?? productInName.exec(basename(path))?.[1])?.toUpperCase().replace('/', '-')
  if (found === undefined)
    throw new Error(`file ${basename(path)} does not name its product: call it like coinbase_BTC-USD_1m.csv, or give BTC-USD=${path}`)
  if (findProduct(found) === undefined) throw new Error(`file ${basename(path)}: ${unknownProduct(found).detail}`)
  return { product: found, path }
}

/** The name's word (`_1m_`), unless rows are closer than that; without one, the distance of the closest rows. */
function timeframeOf(path: string, smallestStep: number | null): number {
  const file = basename(path)
  const named = basename(path, '.csv')
    .split('_')
    .map(timeframeMs)
    .find((length) => length !== undefined)
  if (named !== undefined && smallestStep !== null && named > smallestStep) {
    throw new Error(`file ${file} says ${timeframeName(named)} but has rows ${smallestStep} ms apart`)
  }
  const lengthMs = named ?? smallestStep
  if (lengthMs === null) throw new Error(`file ${file} has one candle and no timeframe in its name, such as _1m_`)
  return lengthMs
}

function pairUp(opened: readonly OpenedFile[]): ReplayProduct[] {
  const candleFiles = opened.filter((file) => file.kind === 'candles')
  const quoteFiles = opened.filter((file) => file.kind === 'quotes')
  for (const files of [candleFiles, quoteFiles]) {
    const twice = files.find((file, index) => files.findIndex((other) => other.product === file.product) !== index)
    if (twice) throw new Error(`two files of ${twice.kind} for ${twice.product}; give one`)
  }
  const orphan = quoteFiles.find((quotes) => !candleFiles.some((candles) => candles.product === quotes.product))
  if (orphan) throw new Error(`file ${orphan.csv.file} has quotes of ${orphan.product} but there is no candle file of it`)
  const lengths = new Set(candleFiles.map((file) => file.timeframeMs))
  if (lengths.size > 1)
    throw new Error(`all candle files of a replay must have one timeframe, found ${[...lengths].map(timeframeName).join(', ')}`)
  return candleFiles.map(({ product, csv, timeframeMs }) => ({
    product,
    timeframeMs,
    candles: csv,
    quotes: quoteFiles.find((quotes) => quotes.product === product)?.csv ?? null,
  }))
}

async function firstLineOf(path: string): Promise<string> {
  const handle = await openForReading(path)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(512), 0, 512, 0)
    return (buffer.toString('utf8', 0, bytesRead).split('\n')[0] ?? '').replace(/^\uFEFF/, '').trim()
  } finally {
    await handle.close()
  }
}

/** The first to touch a file says what is wrong with its place. */
async function openForReading(path: string): Promise<FileHandle> {
  const kind = await stat(path).catch(() => undefined)
  if (kind === undefined) throw new Error(`there is no file ${resolve(path)}`)
  if (!kind.isFile()) throw new Error(`${resolve(path)} is not a file`)
  try {
    return await open(path, 'r')
  } catch (cause) {
    throw new Error(`file ${resolve(path)} cannot be read: ${messageOf(cause)}`, { cause })
  }
}

function messageOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason)
}
