import type { Run } from '@trader/core/contract/run'
import type { Config } from '../config.ts'
import type { Database } from '../database/pool.ts'
import { findRun } from '../database/queries/find-run.ts'
import { newestRun } from '../database/queries/newest-run.ts'
import { ExitError } from '../exit-code.ts'

/** The run that is named, else the newest of the traded book; ends the command where there is none. */
export async function currentRun(
  database: Database,
  { config, runId }: { config: Pick<Config, 'TRADING_MODE'>; runId?: string | undefined },
): Promise<Run> {
  const run = runId === undefined ? await newestRun(database, config.TRADING_MODE) : await findRun(database, runId)
  if (run !== null) return run
  throw new ExitError('failed', runId === undefined ? 'nothing was traded yet: `trader start` begins a run' : `there is no run ${runId}`)
}
