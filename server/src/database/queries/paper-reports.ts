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
  return rows.map((row) => ({ ...row, report: venueReport.parse(row.report) }))
}

export async function markDelivered(db: Database, { order_id, seq }: VenueReport): Promise<void> {
  await db.query('update paper_report set delivered = true where order_id = $1 and seq = $2', [order_id, seq])
}
