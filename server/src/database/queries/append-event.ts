import type { Event } from '@trader/core/contract/event'
import type { Database } from '../pool.ts'
import { json } from './value.ts'

export interface NewEvent extends Omit<Event, 'id' | 'recorded_at'> {
  /** A repeated append with the same key is the same event. */
  readonly idempotency_key?: string
}

/** Adds a fact to the event log, inside the transaction that made it true. The sequencer numbers it once committed. */
export async function appendEvent(db: Database, event: NewEvent): Promise<void> {
  await db.query('select append_event($1, $2, $3, $4, $5, $6, $7, $8)', [
    event.type,
    event.source,
    event.book,
    event.run_id,
    event.correlation_id,
    event.timestamp,
    json(event.payload),
    event.idempotency_key ?? null,
  ])
}
