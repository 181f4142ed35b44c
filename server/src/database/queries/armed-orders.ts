import type { Book } from '@trader/core/contract/primitives'
import type { Database } from '../pool.ts'

/**
 * Stops and take-profits of a product that wait on the venue's book; only those that protect one entry where it is named. One that has
 * woken waits no more: it finds out by itself what is left to sell. Cancelling it would wait for just that.
 */
export async function armedOrders(
  db: Database,
  which: { run_id: string; book: Book; product: string; parent_order_id: string | null },
): Promise<{ order_id: string; workflow_id: string }[]> {
  const { rows } = await db.query<{ order_id: string; workflow_id: string }>(
    `select order_id, workflow_id from orders join paper_order using (order_id)
     where orders.run_id = $1 and book = $2 and orders.product = $3 and is_armed and closed_state is null
       and ($4::uuid is null or parent_order_id = $4)
       and not exists (select from paper_report where paper_report.order_id = orders.order_id and (report ->> 'triggered')::boolean)
     order by market_time, origin, leg`,
    [which.run_id, which.book, which.product, which.parent_order_id],
  )
  return rows
}
