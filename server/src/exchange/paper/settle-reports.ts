import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import type { Pool } from 'pg'
import { venueReportUpdate } from '@trader/workflows/messages'
import { awaitSubmission } from './await-submission.ts'
import { sendUpdate } from '../../workflow-update.ts'
import { reviveOrder } from './revive-order.ts'
import { markDelivered, waitingReports, type WaitingReport } from '../../database/queries/paper-reports.ts'

/**
 * Hands every waiting report of a run to its order's workflow, in the order in which the venue made them, and waits until
 * the ledger has each, and until the venue has the orders that came of them. A workflow that is over has settled
 * all of its reports, unless its order is still open: then it was lost, and is started again.
 */
export async function settleReports({ pool, client, runId }: { pool: Pool; client: Client; runId: string }): Promise<void> {
  for (const waiting of await waitingReports(pool, { runId })) {
    const isSettled = await settle(client, waiting)
    if (!isSettled && (await reviveOrder({ client, db: pool }, waiting.report.order_id))) return settleReports({ pool, client, runId })
    await markDelivered(pool, waiting.report)
  }
  await awaitSubmission(pool, runId)
}

/** False: there is no such workflow. */
async function settle(client: Client, { workflow_id, report }: WaitingReport): Promise<boolean> {
  const updateId = `report:${report.order_id}:${report.seq}`
  try {
    await sendUpdate(client, { workflowId: workflow_id, update: venueReportUpdate, input: report, updateId })
    return true
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false
    throw error
  }
}
