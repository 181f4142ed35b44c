import type { Run } from '@trader/core/contract/run'
import type { Database } from '../pool.ts'
import { json, value } from './value.ts'

/** Ends a run; a run that has ended stays as it is. */
export async function finishRun(db: Database, request: { run_id: string; market_time: number }): Promise<Run> {
  return value(db, 'select finish_run($1) as value', [json(request)])
}
