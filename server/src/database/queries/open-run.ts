import type { Run, RunIdentity } from '@trader/core/contract/run'
import type { Database } from '../pool.ts'
import { json, value } from './value.ts'

/** Resumes the open run of this identity, else opens `run_id` with its wallets and starting cash (none for live). */
export async function openRun(
  db: Database,
  request: { run_id: string; identity: RunIdentity; starting_cash: string; market_time: number },
): Promise<{ resumed: boolean; run: Run }> {
  return value(db, 'select open_run($1) as value', [json(request)])
}
