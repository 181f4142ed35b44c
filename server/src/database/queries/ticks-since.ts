import type { Tick } from '@trader/core/contract/tick'
import type { Database } from '../pool.ts'
import { values } from './value.ts'

export interface StoredTick {
  /** The cursor of market feeds. */
  readonly seq: number
  readonly run_id: string
  readonly tick: Tick
}

/** Ticks after a cursor, in the order they were stored. */
export async function ticksSince(
  db: Database,
  { since, runId, limit = 1000 }: { since: number; runId?: string; limit?: number },
): Promise<StoredTick[]> {
  return values(
    db,
    `select jsonb_build_object('seq', seq, 'run_id', run_id, 'tick', tick_json(t)) as value from tick t
     where seq > $1 and ($2::text is null or run_id = $2) order by seq limit $3`,
    [since, runId ?? null, limit],
  )
}

/** Ticks of one product with from <= market_time < to: the newest `limit` of them, oldest first. */
export async function listTicks(
  db: Database,
  { runId, product, from = 0, to, limit = 1000 }: { runId: string; product: string; from?: number; to?: number; limit?: number },
): Promise<Tick[]> {
  const newestFirst = await values<Tick>(
    db,
    `select tick_json(t) as value from tick t
     where run_id = $1 and product = $2 and market_time >= $3 and ($4::bigint is null or market_time < $4)
     order by market_time desc limit $5`,
    [runId, product, from, to ?? null, limit],
  )
  return newestFirst.toReversed()
}
