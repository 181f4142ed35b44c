import { order, type Order } from '@trader/core/contract/order'
import type { Liquidity } from '@trader/core/contract/fill'
import type { Database } from '../pool.ts'

/** An order on the paper venue's book, with what matching has left of it. */
export interface PaperOrder {
  readonly order: Order
  readonly active_from: number
  readonly is_armed: boolean
  readonly filled_quantity: string
  readonly fill_count: number
  readonly liquidity: Liquidity | null
  readonly report_count: number
}

const columns = `order_body as "order", active_from, is_armed, as_text(filled_quantity) as filled_quantity, fill_count, liquidity, report_count`

/** Products of a run with open paper orders. */
export async function productsWithPaperOrders(db: Database, runId: string): Promise<ReadonlySet<string>> {
  const { rows } = await db.query<{ product: string }>(
    'select distinct product from paper_order where run_id = $1 and closed_state is null',
    [runId],
  )
  return new Set(rows.map((row) => row.product))
}

/** Locks and returns the open orders of a product in the order in which the venue serves them: time, then origin and place in it. */
export async function lockPaperOrders(db: Database, { runId, product }: { runId: string; product: string }): Promise<PaperOrder[]> {
  const { rows } = await db.query<PaperOrder>(
    `select ${columns} from paper_order where run_id = $1 and product = $2 and closed_state is null
     order by active_from, order_body ->> 'origin', (order_body ->> 'leg')::int for update`,
    [runId, product],
  )
  return rows.map(parsed)
}

/** Locks and returns one order, open or not; null where the venue does not know it. */
export async function lockPaperOrder(
  db: Database,
  orderId: string,
): Promise<(PaperOrder & { readonly closed_state: string | null }) | null> {
  const { rows } = await db.query<PaperOrder & { closed_state: string | null }>(
    `select ${columns}, closed_state from paper_order where order_id = $1 for update`,
    [orderId],
  )
  const [row] = rows
  return row === undefined ? null : parsed(row)
}

function parsed<Row extends PaperOrder>(row: Row): Row {
  return Object.assign(row, { order: order.parse(row.order) })
}
