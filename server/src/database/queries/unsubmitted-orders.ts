import type { Database } from '../pool.ts'
import { values } from './value.ts'

/** Ids of a run's open orders that the paper venue does not know yet: their workflows are about to tell it. */
export async function unsubmittedOrders(db: Database, { runId }: { runId: string }): Promise<string[]> {
  return values(
    db,
    `select order_id as value from orders o
     where run_id = $1 and not is_terminal(state) and not exists (select from paper_order p where p.order_id = o.order_id)
     order by order_id`,
    [runId],
  )
}
