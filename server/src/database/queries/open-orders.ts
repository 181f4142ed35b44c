import type { Order } from '@trader/core/contract/order'
import type { Database } from '../pool.ts'
import { values } from './value.ts'

/** Every order of a run that is not over, armed ones included, in the order they were made. */
export async function openOrders(db: Database, { runId, product }: { runId: string; product?: string }): Promise<Order[]> {
  return values(
    db,
    `select order_json(o) as value from orders o
     where run_id = $1 and ($2::text is null or product = $2) and not is_terminal(state)
     order by market_time, created_at, origin, leg`,
    [runId, product ?? null],
  )
}
