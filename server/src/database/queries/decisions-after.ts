import type { Decision } from '@trader/core/contract/decision'
import type { Database } from '../pool.ts'
import { values } from './value.ts'

/** The decisions of a run that came after a market time, the nearest first. */
export async function decisionsAfter(db: Database, options: { runId: string; marketTime: number; limit: number }): Promise<Decision[]> {
  return values(
    db,
    'select decision_json(d) as value from decision d where run_id = $1 and market_time > $2 order by market_time, id limit $3',
    [options.runId, options.marketTime, options.limit],
  )
}
