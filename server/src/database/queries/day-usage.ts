import type { Database } from '../pool.ts'
import { value } from './value.ts'

/** What the orders accepted in a run since a market time count against the day's limits. Exits that only wait are not counted. */
export async function dayUsage(
  db: Database,
  { runId, since }: { runId: string; since: number },
): Promise<{ orders: number; risk_used: string }> {
  return value(
    db,
    `select jsonb_build_object('orders', count(*), 'risk_used', as_text(coalesce(sum((limits ->> 'risk')::numeric), 0))) as value
     from orders join intent using (order_id)
     where run_id = $1 and market_time >= $2 and type in ('market', 'limit')`,
    [runId, since],
  )
}
