import type { Run } from '@trader/core/contract/run'
import type { Config } from '../config.ts'
import type { Database } from '../database/pool.ts'
import { findRun, listRuns } from '../database/queries/find-run.ts'
import { newestRun } from '../database/queries/newest-run.ts'
import { ExitError } from '../exit-code.ts'

/** The run that is named, else the newest of the traded book; ends the command where there is none. */
export async function currentRun(
  database: Database,
  { config, runId }: { config: Pick<Config, 'TRADING_MODE'>; runId?: string | undefined },
): Promise<Run> {
  const run = runId === undefined ? await newestRun(database, config.TRADING_MODE) : await findRun(database, runId)
  if (run !== null) return run
  if (runId === undefined) throw new ExitError('failed', 'nothing was traded yet: `trader start` begins a run')
  const newest = await listRuns(database, { limit: 5 })
  throw new ExitError('failed', `there is no run ${runId}; the newest are ${newest.map(({ run_id }) => run_id).join(', ') || 'none'}`)
}
