import type { Database } from '../pool.ts'
import { values } from './value.ts'

/** Newest first. The `decision-` with which every id begins may be left out. */
export async function decisionIdsWithPrefix(db: Database, { prefix, limit }: { prefix: string; limit: number }): Promise<string[]> {
  return values(
    db,
    `select id as value from decision where starts_with(id, $1) or starts_with(id, 'decision-' || $1) order by market_time desc limit $2`,
    [prefix, limit],
  )
}

/** Newest first. */
export async function orderIdsWithPrefix(db: Database, { prefix, limit }: { prefix: string; limit: number }): Promise<string[]> {
  return values(db, 'select order_id as value from orders where starts_with(order_id::text, lower($1)) order by created_at desc limit $2', [
    prefix,
    limit,
  ])
}
