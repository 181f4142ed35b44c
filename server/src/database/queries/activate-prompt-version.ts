import { IdempotencyConflict } from '../database-error.ts'
import type { Database } from '../pool.ts'
import { json, value, values } from './value.ts'

/** Makes a version the one that decisions use. A rollback is an activation of an older one. */
export async function activatePromptVersion(
  db: Database,
  request: { idempotency_key: string; version: number; who: string; reason: string; market_time: number },
): Promise<{ version: number; previous_version: number | null }> {
  const answer = await value<{ ok: true; version: number; previous_version: number | null } | { ok: false; detail: string }>(
    db,
    `select once('activate_prompt_version', 'activation:' || $1, $2::jsonb - 'market_time', $2) as value`,
    [request.idempotency_key, json(request)],
  )
  if (!answer.ok) throw new IdempotencyConflict(answer.detail)
  return { version: answer.version, previous_version: answer.previous_version }
}

export interface PromptActivation {
  version: number
  who: string
  reason: string
  market_time: number
  recorded_at: number
}

/** Which version was active from when, newest first. */
export async function listPromptActivations(db: Database): Promise<PromptActivation[]> {
  return values(
    db,
    `select jsonb_build_object('version', version, 'who', who, 'reason', reason, 'market_time', market_time, 'recorded_at', recorded_at) as value
     from prompt_activation order by activation_id desc`,
  )
}
