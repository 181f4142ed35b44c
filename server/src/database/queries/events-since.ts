import type { Event, EventType } from '@trader/core/contract/event'
import type { Database } from '../pool.ts'
import { value, values } from './value.ts'

/** Events after a cursor, oldest first. Ids have no gap, so a reader that asks with its last id misses nothing. */
export async function eventsSince(
  db: Database,
  options: { since: number; types?: readonly EventType[]; source?: string; runId?: string; correlationId?: string; limit?: number },
): Promise<Event[]> {
  return values(
    db,
    `select event_json(e) as value from event e
     where id > $1 and ($2::text[] is null or type = any ($2)) and ($3::text is null or source = $3)
       and ($4::text is null or run_id = $4) and ($5::text is null or correlation_id = $5)
     order by id limit $6`,
    [
      options.since,
      options.types ?? null,
      options.source ?? null,
      options.runId ?? null,
      options.correlationId ?? null,
      options.limit ?? 500,
    ],
  )
}

/** The id of the newest numbered event; 0 when there is none. */
export async function lastEventId(db: Database): Promise<number> {
  return value(db, 'select last_id as value from event_sequence')
}
