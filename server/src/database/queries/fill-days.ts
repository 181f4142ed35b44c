import type { Database } from '../pool.ts'
import { values } from './value.ts'

/** Days (UTC, of market time, `2026-03-01`) on which a run had fills, newest first. */
export async function fillDays(db: Database, { runId, limit = 100 }: { runId: string; limit?: number }): Promise<string[]> {
  return values(
    db,
    `select to_char(to_timestamp(day * 86400) at time zone 'UTC', 'YYYY-MM-DD') as value
     from (select distinct market_time / 86400000 as day from fill where run_id = $1) as d order by day desc limit $2`,
    [runId, limit],
  )
}
