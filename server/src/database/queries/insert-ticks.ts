import type { Tick } from '@trader/core/contract/tick'
import type { Database } from '../pool.ts'
import { json, value } from './value.ts'

/** Stores what is new of a batch, keeps the one-minute candles and notifies `tick` once with the run and its first and last seq. */
export async function insertTicks(
  db: Database,
  { runId, ticks }: { runId: string; ticks: readonly Tick[] },
): Promise<{ stored: number; first_seq: number | null; last_seq: number | null }> {
  return value(db, 'select insert_ticks($1, $2) as value', [runId, json(ticks)])
}
