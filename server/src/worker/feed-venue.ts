import type { Client } from '@temporalio/client'
import type { Pool } from '../database/pool.ts'
import { runFlag } from '../database/queries/run-flag.ts'
import { matchBatch } from '../exchange/paper/paper-venue.ts'
import { settleReports } from '../exchange/paper/settle-reports.ts'
import { cancelOpenOrders } from '../trading/cancel-order.ts'
import type { PaperVenue } from './feed/feed-dependencies.ts'

type Services = { readonly pool: Pool; readonly client: Client }
type Batch = Parameters<PaperVenue['matchBatch']>[0]

/** The paper venue as a feed drives it. While trading is halted nothing fills: what is still open is cancelled first. */
export function createFeedVenue({ pool, client }: Services): PaperVenue {
  return {
    async matchBatch(batch) {
      await finishHalt({ pool, client }, batch)
      await matchBatch({ pool, ...batch, settle: () => settleReports({ pool, client, runId: batch.runId }) })
    },
  }
}

/** A halt that was asked for while Temporal was away could not cancel the open orders; it does so before the next tick is matched. */
async function finishHalt({ pool, client }: Services, { runId, ticks }: Batch): Promise<void> {
  const flag = await runFlag(pool, runId)
  if (flag === null) throw new Error(`there is no run ${runId}`)
  const { state, reason, cursor } = flag
  if (state !== 'halted') return
  const run = { run_id: runId }
  const marketTime = ticks[0]?.market_time ?? cursor ?? Date.now()
  const { failed } = await cancelOpenOrders({ temporal: client, database: pool }, { run, reason: `halted: ${reason}`, marketTime })
  if (failed.length === 0) return
  throw new Error(`trading is halted, but orders are open: ${failed.map(({ order_id, why }) => `${order_id}: ${why}`).join('; ')}`)
}
