import type { Decision } from '@trader/core/contract/decision'
import type { Book } from '@trader/core/contract/primitives'
import type { Database } from '../pool.ts'
import { newestRunId } from './newest-run.ts'
import { valueOrNull, values } from './value.ts'

export async function findDecision(db: Database, decisionId: string): Promise<Decision | null> {
  return valueOrNull(db, 'select decision_json(d) as value from decision d where id = $1', [decisionId])
}

/** Newest first. `since` and `before` are market times; `newestOf`: of the newest run of a book. */
export async function listDecisions(
  db: Database,
  options: {
    runId?: string
    newestOf?: Book
    action?: Decision['action']
    promptVersion?: number
    since?: number
    before?: number
    limit?: number
  } = {},
): Promise<Decision[]> {
  return values(
    db,
    `select decision_json(d) as value from decision d
     where ($1::text is null or run_id = $1) and ($2::text is null or action = $2) and ($3::int is null or prompt_version = $3)
       and ($4::bigint is null or market_time >= $4) and ($5::bigint is null or market_time < $5)
       and ($6::text is null or run_id = ${newestRunId('$6')})
     order by market_time desc, id desc limit $7`,
    [
      options.runId ?? null,
      options.action ?? null,
      options.promptVersion ?? null,
      options.since ?? null,
      options.before ?? null,
      options.newestOf ?? null,
      options.limit ?? 100,
    ],
  )
}
