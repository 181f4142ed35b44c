import type { Client } from '@temporalio/client'
import type { Order } from '@trader/core/contract/order'
import type { PaperVenueActivities } from '@trader/workflows/activities'
import { cancelOrderUpdate } from '@trader/workflows/messages'
import { type Database, type Pool, withTransaction } from '../../database/pool.ts'
import { armedOrders } from '../../database/queries/armed-orders.ts'
import { moveOrder } from '../../database/queries/move-order.ts'
import { cancelPaperOrder, placePaperOrder } from '../../exchange/paper/paper-venue.ts'
import { sendUpdate } from '../../workflow-update.ts'

/** The paper venue as the order workflows know it. */
export function createPaperVenueActivities({ pool, client }: { pool: Pool; client: Client }): PaperVenueActivities {
  return {
    submitPaperOrder: (order) => withTransaction(pool, (db) => submit(db, order)),
    cancelPaperOrder: ({ order_id, reason, market_time }) => cancelPaperOrder(pool, { orderId: order_id, reason, marketTime: market_time }),
    async cancelArmedOrders({ except, reason, market_time, ...which }) {
      for (const { order_id, workflow_id } of await armedOrders(pool, which)) {
        if (order_id === except) continue
        await sendUpdate(client, {
          workflowId: workflow_id,
          update: cancelOrderUpdate,
          input: { reason, market_time },
          updateId: `cancel:${order_id}:${market_time}`,
        })
      }
    },
  }
}

/** On paper, sending and being accepted are one transaction: there is no wire in between on which an order could be lost. */
async function submit(db: Database, order: Order): Promise<{ ok: true } | { ok: false; detail: string }> {
  if (order.state === 'ARMED') {
    await placePaperOrder(db, order)
    return { ok: true }
  }
  const sent = await moveOrder(db, { order_id: order.order_id, from: 'RESERVED', to: 'SENT', market_time: order.updated_at })
  if (!sent.ok) return sent.reason === 'STATE_MISMATCH' ? { ok: true } : { ok: false, detail: sent.detail }
  await placePaperOrder(db, order)
  await moveOrder(db, { order_id: order.order_id, from: 'SENT', to: 'WORKING', market_time: order.updated_at })
  return { ok: true }
}
