import { randomBytes } from 'node:crypto'
import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import type { MarketPlan } from '@trader/core/contract/market-messages'
import type { Run } from '@trader/core/contract/run'
import { defaultRiskLimits } from '@trader/core/risk/limits'
import { replaceMarketStreamUpdate, stopMarketStreamUpdate } from '@trader/workflows/messages'
import { marketStreamId } from '@trader/workflows/names'
import { type Pool, withTransaction } from '../../database/pool.ts'
import { markRunStarted } from '../../database/queries/mark-run-started.ts'
import { openRun } from '../../database/queries/open-run.ts'
import { sendUpdate } from '../../workflow-update.ts'
import type { RunPlan } from './run-plan.ts'

/** The open run of this identity, else a new one with starting cash. */
export async function openOrResume(
  pool: Pool,
  { identity, begins }: Pick<RunPlan, 'identity' | 'begins'>,
): Promise<{ run: Run; resumed: boolean }> {
  const request = {
    run_id: newRunId(),
    identity,
    starting_cash: defaultRiskLimits.starting_cash,
    market_time: begins ?? Date.now(),
  }
  return withTransaction(pool, async (db) => {
    const opened = await openRun(db, request)
    await markRunStarted(db, opened.run.run_id)
    return opened
  })
}

/** Sorts by time and reads well; the tail keeps two starts of one second apart. */
function newRunId(): string {
  const time = new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')
  return `${time}-${randomBytes(2).toString('hex')}`
}

/** Starts the market of a plan; what streamed before is replaced. */
export async function startMarket(options: { client: Client; taskQueue: string; plan: MarketPlan; startId: string }): Promise<void> {
  const { client, taskQueue, plan, startId } = options
  await client.workflow.start('MarketStreamWorkflow', {
    workflowId: marketStreamId,
    taskQueue,
    args: [plan],
    workflowIdConflictPolicy: 'USE_EXISTING',
  })
  try {
    await sendUpdate(client, { workflowId: marketStreamId, update: replaceMarketStreamUpdate, input: plan, updateId: `start:${startId}` })
  } catch (error) {
    // A short replay may be over by now.
    if (!(error instanceof WorkflowNotFoundError)) throw error
  }
}

/** Stops the market; false where none streams. */
export async function stopMarket({ client, startId }: { client: Client; startId: string }): Promise<boolean> {
  try {
    await sendUpdate(client, { workflowId: marketStreamId, update: stopMarketStreamUpdate, input: null, updateId: `stop:${startId}` })
    return true
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false
    throw error
  }
}
