import type { Order, OrderState } from '@trader/core/contract/order'
import type { Book } from '@trader/core/contract/primitives'
import type { Database } from '../pool.ts'
import { newestRunId } from './newest-run.ts'
import { valueOrNull, values } from './value.ts'

export async function findOrder(db: Database, orderId: string): Promise<Order | null> {
  return valueOrNull(db, 'select order_json(orders) as value from orders where order_id = $1', [orderId])
}

/** Newest first. `newestOf`: of the newest run of a book. */
export async function listOrders(
  db: Database,
  options: {
    runId?: string
    newestOf?: Book
    product?: string
    states?: readonly OrderState[]
    correlationId?: string
    limit?: number
  } = {},
): Promise<Order[]> {
  return values(
    db,
    `select order_json(o) as value from orders o
     where ($1::text is null or run_id = $1) and ($2::text is null or product = $2)
       and ($3::text[] is null or state = any ($3)) and ($4::text is null or correlation_id = $4)
       and ($5::text is null or run_id = ${newestRunId('$5')})
     order by created_at desc, origin desc, leg desc limit $6`,
    [
      options.runId ?? null,
      options.product ?? null,
      options.states ?? null,
      options.correlationId ?? null,
      options.newestOf ?? null,
      options.limit ?? 100,
    ],
  )
}
