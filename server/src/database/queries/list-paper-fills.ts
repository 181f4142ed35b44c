import type { VenueFill } from '@trader/core/contract/fill'
import type { Database } from '../pool.ts'
import { values } from './value.ts'

/** What the paper venue executed, oldest first; only what the ledger has not booked where `unbooked` is set. */
export async function listPaperFills(
  db: Database,
  { runId, orderId, unbooked = false }: { runId: string; orderId?: string; unbooked?: boolean },
): Promise<VenueFill[]> {
  return values(
    db,
    `select paper_fill_json(p) as value from paper_fill p join orders o using (order_id)
     where o.run_id = $1 and ($2::uuid is null or p.order_id = $2) and not ($3 and exists (select from fill f where f.fill_id = p.fill_id))
     order by p.market_time, p.order_id, p.trade_id`,
    [runId, orderId ?? null, unbooked],
  )
}
