import type { DeniedReason } from '@trader/core/risk/denied-reason'
import type { Database } from '../pool.ts'
import { value } from './value.ts'

export interface RunCounts {
  readonly decisions: number
  readonly model_calls: number
  readonly orders: number
  readonly blocks: Readonly<Partial<Record<DeniedReason, number>>>
  readonly holds: Readonly<Record<string, number>>
}

/** How much happened in a run. Orders are those that were accepted; blocks and holds are counted by their reason. */
export async function runCounts(db: Database, runId: string): Promise<RunCounts> {
  return value(
    db,
    `select jsonb_build_object(
       'decisions', (select count(*) from decision where run_id = $1),
       'model_calls', (select count(*) from model_call where run_id = $1),
       'orders', (select count(*) from orders where run_id = $1),
       'blocks', (select coalesce(jsonb_object_agg(reason, n), '{}') from (select reason, count(*) as n from trade_block where run_id = $1 group by reason) as b),
       'holds', (select coalesce(jsonb_object_agg(reason, n), '{}')
                 from (select document ->> 'hold_reason' as reason, count(*) as n from decision where run_id = $1 and action = 'HOLD' group by 1) as h)
     ) as value`,
    [runId],
  )
}
