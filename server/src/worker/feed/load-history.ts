import type { LoadedHistory, MarketPlan } from '@trader/core/contract/market-messages'
import { featureCandles } from '@trader/core/market/feature-vector'
import { minuteMs } from '@trader/core/market/timeframe'
import { findRun } from '../../database/queries/find-run.ts'
import { insertCandles } from '../../database/queries/insert-candles.ts'
import type { MarketSource } from '../../exchange/market-source.ts'
import { openFeatureWindow } from './feature-signals.ts'
import type { FeedDependencies } from './feed-dependencies.ts'

/**
 * Stores the finished candles before a product's next tick and opens its feature window with them. A run that goes on gets those
 * before its cursor, as many as it had seen; on a stream, those before now.
 */
export async function loadHistory(
  deps: Omit<FeedDependencies, 'paperVenue' | 'decisions' | 'clock'>,
  { plan, product }: { plan: MarketPlan; product: string },
): Promise<LoadedHistory> {
  const run = await findRun(deps.pool, plan.run_id)
  return deps.sources.lend(plan, async (source) => {
    const candles = await source.history({ products: [product], ...windowOf(plan, source, run?.cursor ?? null) })
    await insertCandles(deps.pool, { runId: plan.run_id, candles })
    await openFeatureWindow({ ...deps, plan, timeframeMs: source.timeframeMs }, product, candles)
    return { product, candles: candles.length, error: null }
  })
}

function windowOf(plan: MarketPlan, source: MarketSource, cursor: number | null): { until: number; minutes: number } {
  if (source.pace === 'stream' || cursor === null) return { until: source.start, minutes: plan.historical_minutes }
  const seenMinutes = plan.historical_minutes + Math.ceil((cursor - source.start) / minuteMs)
  return { until: cursor, minutes: Math.min(seenMinutes, Math.ceil((featureCandles * source.timeframeMs) / minuteMs)) }
}
