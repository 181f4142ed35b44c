import type { LoadedHistory, MarketPlan } from '@trader/core/contract/market-messages'
import type { Tick } from '@trader/core/contract/tick'
import { featureCandles } from '@trader/core/market/feature-candles'
import { maximumTicks } from '@trader/core/market/feature-window'
import { minuteMs } from '@trader/core/market/timeframe'
import { findRun } from '../../database/queries/find-run.ts'
import { insertCandles } from '../../database/queries/insert-candles.ts'
import { listTicks } from '../../database/queries/ticks-since.ts'
import type { MarketSource } from '../../exchange/market-source.ts'
import { openFeatureWindow, sendTicks } from './feature-signals.ts'
import type { FeedDependencies } from './feed-dependencies.ts'

export type HistoryDependencies = Omit<FeedDependencies, 'paperVenue' | 'decisions' | 'clock' | 'log'>

/**
 * Stores the finished candles before a product's next tick and opens its feature window with them. On a stream these are the candles
 * before now. A stepped run that goes on gets back what it had seen: the candles before the ticks that a window still holds, then these
 * ticks, from Postgres. So a run whose workflows were lost has the features of one that was never stopped; a window that is still
 * there drops what it knows.
 */
export async function loadHistory(
  deps: HistoryDependencies,
  { plan, product }: { plan: MarketPlan; product: string },
): Promise<LoadedHistory> {
  const run = await findRun(deps.pool, plan.run_id)
  return deps.sources.lend(plan, async (source) => {
    const target = { ...deps, plan, timeframeMs: source.timeframeMs }
    const cursor = source.pace === 'stepped' ? (run?.cursor ?? null) : null
    const ticks = cursor === null ? [] : await recentTicks(deps, { plan, product, timeframeMs: source.timeframeMs, cursor })
    const window = windowOf(plan, source, { cursor, ticks })
    const candles = plan.load_history === false ? [] : await source.history({ products: [product], ...window })
    await insertCandles(deps.pool, { runId: plan.run_id, candles })
    await openFeatureWindow(target, product, candles)
    await sendTicks(target, ticks)
    return { product, candles: candles.length, error: null }
  })
}

/** The ticks that a feature window at the cursor holds, from the beginning of a candle on. */
async function recentTicks(
  { pool }: HistoryDependencies,
  { plan, product, timeframeMs, cursor }: { plan: MarketPlan; product: string; timeframeMs: number; cursor: number },
): Promise<Tick[]> {
  const from = startOfCandle(cursor - plan.features.window_seconds * 1000, timeframeMs)
  return listTicks(pool, { runId: plan.run_id, product, from: Math.max(0, from), to: cursor, limit: maximumTicks })
}

function windowOf(
  plan: MarketPlan,
  source: MarketSource,
  { cursor, ticks }: { cursor: number | null; ticks: readonly Tick[] },
): { until: number; minutes: number } {
  if (cursor === null) return { until: source.start, minutes: plan.historical_minutes }
  const [first] = ticks
  const until = first === undefined ? cursor : startOfCandle(first.market_time, source.timeframeMs)
  const seenMinutes = plan.historical_minutes + Math.ceil((until - source.start) / minuteMs)
  return { until, minutes: Math.max(0, Math.min(seenMinutes, Math.ceil((featureCandles * source.timeframeMs) / minuteMs))) }
}

function startOfCandle(time: number, timeframeMs: number): number {
  return Math.floor(time / timeframeMs) * timeframeMs
}
