import type { Run } from '@trader/core/contract/run'
import type { Database } from '../pool.ts'
import { valueOrNull, values } from './value.ts'

export async function findRun(db: Database, runId: string): Promise<Run | null> {
  return valueOrNull(db, 'select run_json(run) as value from run where run_id = $1', [runId])
}

/** Newest first. */
export async function listRuns(db: Database, { limit = 50 }: { limit?: number } = {}): Promise<Run[]> {
  return values(db, 'select run_json(run) as value from run order by started_at desc, run_id desc limit $1', [limit])
}
