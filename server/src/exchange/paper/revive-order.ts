import type { Client } from '@temporalio/client'
import { isTerminal } from '@trader/core/order/state-machine'
import { executionLedgerId } from '@trader/workflows/names'
import type { Database } from '../../database/pool.ts'
import { findOrder } from '../../database/queries/list-orders.ts'
import { redeliverReports } from '../../database/queries/paper-reports.ts'

/**
 * Starts the workflow of an open order again, where somebody ended it or Temporal lost it. All reports of the venue are delivered
 * to it from the first on; the ledger knows what it has booked already. False: the order is over, so there is nothing to revive.
 */
export async function reviveOrder({ client, db }: { client: Client; db: Database }, orderId: string): Promise<boolean> {
  const order = await findOrder(db, orderId)
  if (order === null || isTerminal(order.state)) return false
  const sent = await redeliverReports(db, orderId)
  const { taskQueue } = await client.workflow.getHandle(executionLedgerId(order.book)).describe()
  await client.workflow.start('PlaceMockOrderWorkflow', {
    workflowId: order.workflow_id,
    taskQueue,
    args: [sent === null ? { order } : { order: { ...sent, state: sent.state === 'ARMED' ? 'ARMED' : 'WORKING' }, settled: 0 }],
    workflowIdConflictPolicy: 'USE_EXISTING',
  })
  return true
}
