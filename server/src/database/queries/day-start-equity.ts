import type { Database } from '../pool.ts'
import { valueOrNull } from './value.ts'

/** Equity with which a day began: the last sample before it, else the first one in it; null before any sample. */
export async function dayStartEquity(db: Database, { runId, dayStart }: { runId: string; dayStart: number }): Promise<string | null> {
  return valueOrNull(
    db,
    `select as_text(equity) as value from equity_sample where run_id = $1
     order by market_time > $2, case when market_time <= $2 then -market_time else market_time end limit 1`,
    [runId, dayStart],
  )
}
