import type { Order } from '@trader/core/contract/order'
import type { Database } from '../pool.ts'
import { values } from './value.ts'

/**
 * Orders made before a wall time (ms) that the paper venue was never told of, or that hold funds and were not sent: each should have
 * a workflow that does it within milliseconds. Oldest first.
 */
export async function unsentOrders(db: Database, { before }: { before: number }): Promise<Order[]> {
  return values(
    db,
    `select order_json(o) as value from orders o
     where not is_terminal(state) and created_at < $1 and book <> 'live'
       and (state = 'RESERVED' or not exists (select from paper_order p where p.order_id = o.order_id))
     order by created_at, origin, leg`,
    [before],
  )
}
