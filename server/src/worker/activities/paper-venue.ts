import type { Client } from '@temporalio/client'
import type { Order } from '@trader/core/contract/order'
import { isTerminal } from '@trader/core/order/state-machine'
import type { PaperVenueActivities } from '@trader/workflows/activities'
import { type Database, type Pool, withTransaction } from '../../database/pool.ts'
import { armedOrders } from '../../database/queries/armed-orders.ts'
import { findOrder } from '../../database/queries/list-orders.ts'
import { moveOrder } from '../../database/queries/move-order.ts'
import { cancelPaperOrder, placePaperOrder } from '../../exchange/paper/paper-venue.ts'
import { cancelOrder } from '../../trading/cancel-order.ts'
import { makeRoomForExit } from '../../trading/make-room.ts'

/** The paper venue as the order workflows know it. */
export function createPaperVenueActivities({ pool, client }: { pool: Pool; client: Client }): PaperVenueActivities {
  return {
    submitPaperOrder: ({ order, market_time }) => withTransaction(pool, (db) => submit(db, order, market_time)),
    cancelPaperOrder: ({ order_id, reason, market_time }) => cancelPaperOrder(pool, { orderId: order_id, reason, marketTime: market_time }),
    async makeRoomForExit({ order_id, reason, market_time }) {
      const services = { temporal: client, database: pool }
      return { cancelled: await makeRoomForExit(services, { orderId: order_id, reason, marketTime: market_time }) }
    },
    async cancelEntry({ order_id, reason, market_time }) {
      const order = await findOrder(pool, order_id)
      if (order !== null && !isTerminal(order.state))
        await cancelOrder({ temporal: client, database: pool }, { order, reason, marketTime: market_time })
    },
    async cancelArmedOrders({ except, reason, market_time, ...which }) {
      for (const order of await armedOrders(pool, which)) {
        if (order.order_id === except) continue
        const state = await cancelOrder({ temporal: client, database: pool }, { order, reason, marketTime: market_time })
        // Nobody is left to speak for it: it must not wake up again.
        if (state === null) await cancelPaperOrder(pool, { orderId: order.order_id, reason, marketTime: market_time })
      }
    },
  }
}

/** On paper, sending and being accepted are one transaction: there is no wire in between on which an order could be lost. */
async function submit(db: Database, order: Order, marketTime: number): Promise<{ ok: true } | { ok: false; detail: string }> {
  if (order.state === 'ARMED') {
    await placePaperOrder(db, order, marketTime)
    return { ok: true }
  }
  const sent = await moveOrder(db, { order_id: order.order_id, from: 'RESERVED', to: 'SENT', market_time: marketTime })
  // It was sent before, unless it has ended meanwhile: then it must not come to the venue after all.
  if (!sent.ok && sent.reason === 'STATE_MISMATCH' && !isTerminal(sent.state)) return { ok: true }
  if (!sent.ok) return { ok: false, detail: sent.detail }
  await placePaperOrder(db, order, marketTime)
  await moveOrder(db, { order_id: order.order_id, from: 'SENT', to: 'WORKING', market_time: marketTime })
  return { ok: true }
}
