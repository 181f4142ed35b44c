import type { Position } from '@trader/core/contract/position'
import type { Database } from '../pool.ts'
import { values } from './value.ts'

/** Every product a run has traded, closed positions (quantity 0) included: they carry realized profit. */
export async function getPositions(db: Database, runId: string): Promise<Position[]> {
  return values(db, 'select position_json(p) as value from positions p where run_id = $1 order by product', [runId])
}
