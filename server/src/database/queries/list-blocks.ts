import type { Block } from '@trader/core/contract/block'
import type { Database } from '../pool.ts'
import { values } from './value.ts'

/** Refused orders, newest first. `since` is a market time. */
export async function listBlocks(
  db: Database,
  options: { runId?: string; correlationId?: string; since?: number; limit?: number } = {},
): Promise<Block[]> {
  return values(
    db,
    `select block_json(b) as value from trade_block b
     where ($1::text is null or run_id = $1) and ($2::text is null or correlation_id = $2) and ($3::bigint is null or market_time >= $3)
     order by recorded_at desc, block_id desc limit $4`,
    [options.runId ?? null, options.correlationId ?? null, options.since ?? null, options.limit ?? 100],
  )
}
