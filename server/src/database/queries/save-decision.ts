import type { Decision } from '@trader/core/contract/decision'
import type { Database } from '../pool.ts'
import { json } from './value.ts'

/** Stores a decision once, by its id, with its event. The time of recording is the database's. */
export async function saveDecision(db: Database, decision: Omit<Decision, 'recorded_at'>): Promise<void> {
  await db.query(
    `with stored as (
       insert into decision (id, run_id, book, market_time, action, prompt_version, document)
       values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing returning *
     )
     select append_event('decision_made', 'execution_agent', book, run_id, id, market_time, jsonb_build_object('decision_id', id, 'action', action,
       'hold_reason', document -> 'hold_reason', 'products', document -> 'products', 'orders', document -> 'orders',
       'blocks', jsonb_array_length(document -> 'blocks'), 'prompt_version', prompt_version, 'model', document -> 'model'))
     from stored`,
    [decision.id, decision.run_id, decision.book, decision.market_time, decision.action, decision.prompt_version, json(decision)],
  )
}
