import type { QuarantineReason } from '@trader/core/contract/tick'
import type { Database } from '../pool.ts'
import { json, values } from './value.ts'

export interface QuarantinedTick {
  /** Made from where the tick came from (batch and place), so that a repeated cycle quarantines it once. */
  readonly quarantine_id: string
  readonly run_id: string
  readonly product: string
  readonly reason: QuarantineReason
  readonly detail: string
  /** As it arrived. */
  readonly raw: unknown
  readonly market_time: number
}

/** Keeps a tick that must never price an order, and says so in the event log. */
export async function quarantineTick(db: Database, tick: QuarantinedTick): Promise<void> {
  await db.query(
    `with stored as (
       insert into quarantined_tick (quarantine_id, run_id, product, reason, detail, raw, market_time)
       values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing returning *
     )
     select append_event('tick_quarantined', 'market_stream', run.book, s.run_id, null, s.market_time,
       jsonb_build_object('quarantine_id', s.quarantine_id, 'product', s.product, 'reason', s.reason, 'detail', s.detail))
     from stored s join run using (run_id)`,
    [tick.quarantine_id, tick.run_id, tick.product, tick.reason, tick.detail, json(tick.raw ?? null), tick.market_time],
  )
}

/** Newest first. */
export async function listQuarantinedTicks(
  db: Database,
  { runId, limit = 100 }: { runId: string; limit?: number },
): Promise<QuarantinedTick[]> {
  return values(
    db,
    `select jsonb_build_object('quarantine_id', quarantine_id, 'run_id', run_id, 'product', product, 'reason', reason, 'detail', detail,
       'raw', raw, 'market_time', market_time) as value
     from quarantined_tick where run_id = $1 order by recorded_at desc, quarantine_id desc limit $2`,
    [runId, limit],
  )
}
