import type { Run } from '@trader/core/contract/run'
import { type Freshness, freshnessOf } from '@trader/core/market/freshness'
import { staleAfterMs } from '@trader/core/market/market-clock'
import { minuteMs } from '@trader/core/market/timeframe'
import type { Database } from './database/pool.ts'
import { latestTicks } from './database/queries/latest-ticks.ts'

/**
 * How fresh each product's price is, for status screens. A stepped feed's clock is the run's cursor, a stream's the wall clock
 * (`now`, ms).
 */
export async function marketFreshness(
  db: Database,
  { run, isStepped, now, timeframeMs = minuteMs }: { run: Run; isStepped: boolean; now: number; timeframeMs?: number },
): Promise<Freshness[]> {
  return freshnessOf({
    products: run.products,
    lastTicks: await latestTicks(db, { runId: run.run_id }),
    marketTime: isStepped ? (run.cursor ?? 0) : now,
    staleAfterMs: staleAfterMs({ market: run.market, timeframeMs }),
  })
}
