import type { Database } from '../pool.ts'

/** Notes up to which market time ticks were delivered. It never goes back. */
export async function saveCursor(db: Database, { runId, cursor }: { runId: string; cursor: number }): Promise<void> {
  await db.query('update run set cursor = greatest(cursor, $2) where run_id = $1', [runId, cursor])
}
