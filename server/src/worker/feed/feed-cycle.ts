import { checkTicks, type TickCheck } from '@trader/core/market/tick-check'
import type { MarketBatch, MarketNotice, MarketSource } from '../../exchange/market-source.ts'
import { saveCursor } from '../../database/queries/save-cursor.ts'
import type { MarketPlan } from '@trader/core/contract/market-messages'
import type { Quarantined } from '@trader/core/market/tick-check'
import { sendMissedCandles, sendTicks } from './feature-signals.ts'
import type { FeedDependencies } from './feed-dependencies.ts'
import { storeBatch } from './store-batch.ts'

/** An exchange's clock may be a little ahead of ours. */
const futureToleranceMs = 5000

export interface Cycle {
  readonly plan: MarketPlan
  readonly source: MarketSource
  readonly check: TickCheck
  readonly batch: MarketBatch
  /** Where the batch begins. */
  readonly from: number
  /** A decision is due at the batch's end. */
  readonly isInstant: boolean
}

/**
 * One batch, from the source to the decision: check, store, pass on, match, decide, and only then the cursor. Every part may be
 * done twice, so a cycle that was cut off anywhere is repeated as a whole. Answers what to judge the next tick by.
 */
export async function runCycle(deps: FeedDependencies, cycle: Cycle): Promise<TickCheck> {
  const { plan, source, batch } = cycle
  const { run_id: runId, book } = plan
  const isStream = source.pace === 'stream'
  const limits = isStream ? { clock: deps.clock.now(), toleranceMs: futureToleranceMs } : { clock: batch.cursor, toleranceMs: 0 }
  const checked = checkTicks(cycle.check, batch.ticks, limits)
  const ticks = await storeBatch(deps.pool, plan, {
    key: `${runId}:${cycle.from}`,
    good: checked.good,
    quarantined: [...checked.quarantined, ...batch.notices.flatMap(malformed)],
    notices: batch.notices,
    marketTime: batch.cursor,
  })
  const target = { ...deps, plan, timeframeMs: source.timeframeMs }
  await sendMissedCandles(
    target,
    batch.notices.flatMap((notice) => (notice.type === 'backfilled' ? notice.candles : [])),
  )
  await sendTicks(target, ticks)
  await deps.paperVenue.matchBatch({ runId, ticks, timeframeMs: source.timeframeMs })
  if (cycle.isInstant && (await deps.decisions.areWanted())) {
    await deps.decisions.decide({ runId, book, marketTime: batch.cursor, model: plan.model })
  }
  await saveCursor(deps.pool, { runId, cursor: batch.cursor })
  return checked.check
}

function malformed(notice: MarketNotice): Quarantined[] {
  if (notice.type !== 'malformed') return []
  return [{ reason: 'MALFORMED', detail: notice.detail, product: null, market_time: null, raw: notice.raw }]
}
