import type { ModelCall } from '@trader/core/contract/model-call'
import type { Database } from '../pool.ts'
import { value, values } from './value.ts'

/** Requests to models, newest first. */
export async function listModelCalls(
  db: Database,
  options: { runId?: string; correlationId?: string; agent?: ModelCall['agent']; limit?: number } = {},
): Promise<ModelCall[]> {
  return values(
    db,
    `select model_call_json(c) as value from model_call c
     where ($1::text is null or run_id = $1) and ($2::text is null or correlation_id = $2) and ($3::text is null or agent = $3)
     order by recorded_at desc, call_id desc limit $4`,
    [options.runId ?? null, options.correlationId ?? null, options.agent ?? null, options.limit ?? 100],
  )
}

/** What models cost since a wall time, in USD; of one agent where given. Calls that never came to an end count with the most they may have cost. */
export async function spentOnModels(db: Database, { since, agent }: { since: number; agent?: ModelCall['agent'] }): Promise<string> {
  return value(db, 'select as_text(spent_on_models($1, $2)) as value', [since, agent ?? null])
}
