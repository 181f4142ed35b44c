import type { ModelCall } from '@trader/core/contract/model-call'
import type { Database } from '../pool.ts'
import { json } from './value.ts'

/** Stores one request to a model once, by its id, with its event (without the reply). False where the id was there already. */
export async function saveModelCall(db: Database, call: Omit<ModelCall, 'recorded_at'>): Promise<boolean> {
  const { rows } = await db.query(
    `with stored as (
       insert into model_call (call_id, agent, model, prompt_hash, prompt_version, reply, outcome, error, tokens_in, tokens_out, cost_usd,
         latency_ms, correlation_id, run_id, market_time)
       select call_id, agent, model, prompt_hash, prompt_version, reply, outcome, error, tokens_in, tokens_out, cost_usd, latency_ms,
         correlation_id, run_id, market_time
       from jsonb_populate_record(null::model_call, $1)
       on conflict do nothing returning model_call
     )
     select append_event('llm_call', (c).agent, run.book, (c).run_id, (c).correlation_id, (c).market_time, model_call_json(c) - 'reply')
     from stored s (c) left join run on run.run_id = (c).run_id`,
    [json(call)],
  )
  return rows.length > 0
}
