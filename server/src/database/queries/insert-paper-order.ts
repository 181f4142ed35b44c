import type { Order } from '@trader/core/contract/order'
import type { Database } from '../pool.ts'

/** Puts an order on the paper venue's book. A triggered exit comes a second time: it then works from its new market time on. */
export async function insertPaperOrder(db: Database, { order, activeFrom }: { order: Order; activeFrom: number }): Promise<void> {
  await db.query(
    `insert into paper_order (order_id, run_id, product, order_body, active_from, is_armed) values ($1, $2, $3, $4, $5, $6)
     on conflict (order_id) do update set order_body = excluded.order_body, active_from = excluded.active_from, is_armed = false
     where paper_order.is_armed and not excluded.is_armed and paper_order.closed_state is null`,
    [order.order_id, order.run_id, order.product, JSON.stringify(order), activeFrom, order.state === 'ARMED'],
  )
}
