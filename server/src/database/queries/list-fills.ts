import type { Fill } from '@trader/core/contract/fill'
import type { Book } from '@trader/core/contract/primitives'
import type { Database } from '../pool.ts'
import { newestRunId } from './newest-run.ts'
import { values } from './value.ts'

/** Booked fills, newest first. `since` and `before` are market times; `newestOf`: of the newest run of a book. */
export async function listFills(
  db: Database,
  options: {
    runId?: string
    newestOf?: Book
    orderId?: string
    product?: string
    correlationId?: string
    since?: number
    before?: number
    limit?: number
  } = {},
): Promise<Fill[]> {
  return values(
    db,
    `select fill_json(f) as value from fill f
     where ($1::text is null or run_id = $1) and ($2::uuid is null or order_id = $2) and ($3::text is null or product = $3)
       and ($4::text is null or correlation_id = $4) and ($5::bigint is null or market_time >= $5)
       and ($6::bigint is null or market_time < $6) and ($7::text is null or run_id = ${newestRunId('$7')})
     order by txn_id desc limit $8`,
    [
      options.runId ?? null,
      options.orderId ?? null,
      options.product ?? null,
      options.correlationId ?? null,
      options.since ?? null,
      options.before ?? null,
      options.newestOf ?? null,
      options.limit ?? 100,
    ],
  )
}
