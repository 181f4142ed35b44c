import type { Fill } from '@trader/core/contract/fill'
import type { Database } from '../pool.ts'
import { values } from './value.ts'

/** Every booked fill of a run, in the order they were booked: what closed trades are computed from. */
export async function allFills(db: Database, runId: string): Promise<Fill[]> {
  return values(db, 'select fill_json(f) as value from fill f where run_id = $1 order by txn_id', [runId])
}
