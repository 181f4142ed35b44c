import type { Candle } from '@trader/core/contract/candle'
import type { Tick } from '@trader/core/contract/tick'
import { toCandle } from '@trader/core/market/candle-csv'
import { candleTicks, notionalBefore } from '@trader/core/market/candle-ticks'
import { minuteMs } from '@trader/core/market/timeframe'
import { inOrder, type MarketBatch, type MarketNotice, type MarketSource } from '../market-source.ts'
import { openReplayFiles, type ReplayProduct } from './replay-files.ts'

export interface ReplayOptions {
  /** Candle files and, where there are any, quote files: `path` or `PRODUCT=path`. */
  readonly files: readonly string[]
  /** Products to replay; those of the files when left out. */
  readonly products?: readonly string[]
  /** How much of the beginning is history. At least one candle. */
  readonly historicalMinutes: number
  readonly spreadBps: number
}

/** Trades the past again: candle files as ticks, with the quotes of quote files. Throws with file and line where one is bad. */
export async function openReplaySource(options: ReplayOptions): Promise<MarketSource> {
  const opened = await openReplayFiles(options.files)
  const close = closeOnce(opened)
  try {
    const replayed = chosenOf(opened, options.products)
    const timeframeMs = Math.max(...replayed.map((each) => each.timeframeMs))
    const firstStart = Math.min(...replayed.map((each) => each.candles.firstStart))
    const endsAt = Math.max(...replayed.map((each) => each.candles.lastStart)) + timeframeMs
    const historyMs = Math.max(Math.ceil((options.historicalMinutes * minuteMs) / timeframeMs), 1) * timeframeMs
    const failed = new Set<string>()
    return {
      market: 'replay',
      products: replayed.map((each) => each.product),
      pace: 'stepped',
      timeframeMs,
      fileHashes: replayed.flatMap(({ candles, quotes }) => [candles.sha256, ...(quotes ? [quotes.sha256] : [])]).sort(),
      start: firstStart + historyMs,
      endsAt,
      history: async ({ products, until, minutes }) => {
        const asked = replayed.filter((each) => products.includes(each.product))
        const candles = asked.map((each) => candlesBetween(each, until - Math.max(minutes * minuteMs, timeframeMs), until))
        return (await Promise.all(candles)).flat()
      },
      next: async ({ cursor, until }) => {
        const working = replayed.filter((each) => !failed.has(each.product))
        const batch = await batchOf(working, { from: cursor, to: until, spreadBps: options.spreadBps })
        for (const notice of batch.notices) if (notice.type === 'product_failed') failed.add(notice.product)
        return { ...batch, cursor: until, atEnd: until >= endsAt }
      },
      close,
    }
  } catch (cause) {
    await close()
    throw cause
  }
}

function chosenOf(opened: readonly ReplayProduct[], products: readonly string[] | undefined): readonly ReplayProduct[] {
  if (products === undefined) return opened
  return products.map((product) => {
    const found = opened.find((each) => each.product === product)
    if (found === undefined) throw new Error(`no candle file for ${product}; files are of ${opened.map((each) => each.product).join(', ')}`)
    return found
  })
}

/** Candles that end in (from, to]. */
async function candlesBetween({ product, timeframeMs, candles }: ReplayProduct, from: number, to: number): Promise<Candle[]> {
  const rows = await candles.rowsBetween(from - timeframeMs + 1, to - timeframeMs + 1)
  return rows.map((row) => toCandle(row, { product, timeframeMs }))
}

interface Span {
  readonly from: number
  readonly to: number
  readonly spreadBps: number
}

async function batchOf(products: readonly ReplayProduct[], span: Span): Promise<Pick<MarketBatch, 'ticks' | 'notices'>> {
  const settled = await Promise.allSettled(products.map((each) => ticksOf(each, span)))
  const notices = settled.flatMap((result, index): MarketNotice[] => {
    const product = products[index]?.product
    return result.status === 'fulfilled' || product === undefined
      ? []
      : [{ type: 'product_failed', product, detail: String(result.reason) }]
  })
  return { ticks: inOrder(settled.map((result) => (result.status === 'fulfilled' ? result.value : []))), notices }
}

/** Ticks with from <= market time < to: those of every candle that overlaps the span, cut to it. */
async function ticksOf({ product, timeframeMs, candles, quotes }: ReplayProduct, { from, to, spreadBps }: Span): Promise<Tick[]> {
  const rows = await candles.rowsBetween(from - timeframeMs + 1, to)
  const [first] = rows
  if (first === undefined) return []
  const quoteRows = new Map((await quotes?.rowsBetween(first.start, to))?.map((row) => [row.start, row]))
  let before = await candles.rowBefore(first.start)
  return rows.flatMap((row) => {
    const candle = toCandle(row, { product, timeframeMs })
    const previous = before && toCandle(before, { product, timeframeMs })
    before = row
    const ticks = candleTicks(candle, {
      quote: quoteRows.get(row.start),
      spreadBps,
      lastMinuteNotional: notionalBefore(row.start, previous),
    })
    return ticks.filter((tick) => tick.market_time >= from && tick.market_time < to)
  })
}

function closeOnce(opened: readonly ReplayProduct[]): () => Promise<void> {
  let closing: Promise<unknown> | null = null
  return async () => {
    closing ??= Promise.all(opened.flatMap(({ candles, quotes }) => [candles.close(), ...(quotes ? [quotes.close()] : [])]))
    await closing
  }
}
