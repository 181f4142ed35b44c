import type { Database } from '../pool.ts'

/** Deletes at most `limit` ticks recorded before a wall time; candles stay. Answers how many went. */
export async function pruneTicks(db: Database, { before, limit = 10_000 }: { before: number; limit?: number }): Promise<number> {
  const result = await db.query(
    'delete from tick where seq in (select seq from tick where recorded_at < $1 order by recorded_at limit $2)',
    [before, limit],
  )
  return result.rowCount ?? 0
}
