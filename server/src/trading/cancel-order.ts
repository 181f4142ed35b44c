import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import type { Order } from '@trader/core/contract/order'
import type { Run } from '@trader/core/contract/run'
import { cancelOrderUpdate } from '@trader/workflows/messages'
import { describeError } from '../exit-code.ts'
import { reviveOrder } from '../exchange/paper/revive-order.ts'
import type { Database } from '../database/pool.ts'
import { openOrders } from '../database/queries/open-orders.ts'
import { sendUpdate } from '../workflow-update.ts'

export interface CancelOptions {
  readonly reason: string
  /** Market time, ms. */
  readonly marketTime: number
}

export interface CancelServices {
  readonly temporal: Client
  readonly database: Database
}

/** Asks an order's workflow to cancel it and answers the state it ends in; null where the order was over already. */
export async function cancelOrder(
  { temporal, database }: CancelServices,
  request: CancelOptions & { order: Pick<Order, 'order_id' | 'workflow_id'> },
): Promise<Order['state'] | null> {
  try {
    return await askToCancel(temporal, request)
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error
    const isRevived = await reviveOrder({ client: temporal, db: database }, request.order.order_id)
    return isRevived ? askToCancel(temporal, request) : null
  }
}

function askToCancel(
  temporal: Client,
  { order, reason, marketTime }: CancelOptions & { order: Pick<Order, 'order_id' | 'workflow_id'> },
): Promise<Order['state']> {
  return sendUpdate(temporal, {
    workflowId: order.workflow_id,
    update: cancelOrderUpdate,
    input: { reason, market_time: marketTime },
    updateId: `cancel:${order.order_id}`,
  })
}

export interface CancelledOrders {
  readonly cancelled: string[]
  /** Orders that are still open, each with why. */
  readonly failed: { order_id: string; why: string }[]
}

/** Cancels every open order of a run, armed stops and take-profits included. One that fails does not keep the others. */
export async function cancelOpenOrders(
  services: CancelServices,
  { run, ...options }: CancelOptions & { run: Pick<Run, 'run_id'> },
): Promise<CancelledOrders> {
  const orders = await openOrders(services.database, { runId: run.run_id })
  const results = await Promise.allSettled(orders.map((order) => cancelOrder(services, { order, ...options })))
  const failed = orders.flatMap(({ order_id }, index) => {
    const result = results[index]
    return result?.status === 'rejected' ? [{ order_id, why: describeError(result.reason) }] : []
  })
  const failedIds = new Set(failed.map(({ order_id }) => order_id))
  return { cancelled: orders.map(({ order_id }) => order_id).filter((orderId) => !failedIds.has(orderId)), failed }
}
