import { order, type Order } from '@trader/core/contract/order'
import { venueReport, type VenueReport } from '@trader/core/contract/venue-report'
import type { Database } from '../pool.ts'

export interface WaitingReport {
  readonly workflow_id: string
  readonly report: VenueReport
}

/** Reports of a run that were not settled yet, oldest first; of one order where `orderId` is given. */
export async function waitingReports(db: Database, { runId, orderId }: { runId: string; orderId?: string }): Promise<WaitingReport[]> {
  const { rows } = await db.query<WaitingReport>(
    `select paper_order.order_body ->> 'workflow_id' as workflow_id, report
     from paper_report join paper_order using (order_id)
     where run_id = $1 and not delivered and ($2::uuid is null or order_id = $2)
     order by (report ->> 'market_time')::bigint, active_from, order_body ->> 'origin', (order_body ->> 'leg')::int, seq`,
    [runId, orderId ?? null],
  )
  return rows.map(({ workflow_id, report }) => ({ workflow_id, report: venueReport.parse(report) }))
}

export async function markDelivered(db: Database, { order_id, seq }: VenueReport): Promise<void> {
  await db.query('update paper_report set delivered = true where order_id = $1 and seq = $2', [order_id, seq])
}

/** Lets every report of an order wait again, and answers the order as the venue was sent it; null where it never was. */
export async function redeliverReports(db: Database, orderId: string): Promise<Order | null> {
  await db.query('update paper_report set delivered = false where order_id = $1', [orderId])
  const { rows } = await db.query<{ body: unknown }>('select order_body as body from paper_order where order_id = $1', [orderId])
  return rows[0] === undefined ? null : order.parse(rows[0].body)
}

/** Whether the venue has told something about this run that was not settled yet. */
export async function hasWaitingReports(db: Database, runId: string): Promise<boolean> {
  const { rows } = await db.query(
    'select from paper_report join paper_order using (order_id) where run_id = $1 and not delivered limit 1',
    [runId],
  )
  return rows.length > 0
}
