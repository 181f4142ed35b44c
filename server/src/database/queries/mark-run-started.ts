import type { Database } from '../pool.ts'

/** Makes a run the newest: it was opened, or resumed, now. */
export async function markRunStarted(db: Database, runId: string): Promise<void> {
  await db.query('update run set last_started_at = now_ms() where run_id = $1', [runId])
}
