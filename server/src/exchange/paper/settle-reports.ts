import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import type { Pool } from 'pg'
import { venueReportUpdate } from '@trader/workflows/messages'
import { sendUpdate } from '../../workflow-update.ts'
import { markDelivered, waitingReports, type WaitingReport } from '../../database/queries/paper-reports.ts'

/**
 * Hands every waiting report of a run to its order's workflow, in the order in which the venue made them, and waits until
 * the ledger has each. A workflow that is over has settled all of its reports.
 */
export async function settleReports({ pool, client, runId }: { pool: Pool; client: Client; runId: string }): Promise<void> {
  for (const waiting of await waitingReports(pool, { runId })) {
    await settle(client, waiting)
    await markDelivered(pool, waiting.report)
  }
}

async function settle(client: Client, { workflow_id, report }: WaitingReport): Promise<void> {
  const updateId = `report:${report.order_id}:${report.seq}`
  try {
    await sendUpdate(client, { workflowId: workflow_id, update: venueReportUpdate, input: report, updateId })
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error
  }
}
