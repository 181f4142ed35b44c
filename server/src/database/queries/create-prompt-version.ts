import type { PromptVersion } from '@trader/core/contract/prompt-version'
import { IdempotencyConflict } from '../database-error.ts'
import type { Database } from '../pool.ts'
import { json, value } from './value.ts'

export type NewPromptVersion = Omit<PromptVersion, 'version' | 'created_at' | 'is_active' | 'attribution'>

/** Adds the next version (not yet active) and answers its number. */
export async function createPromptVersion(
  db: Database,
  { idempotencyKey, version, marketTime }: { idempotencyKey: string; version: NewPromptVersion; marketTime: number },
): Promise<number> {
  const answer = await value<{ ok: true; version: number } | { ok: false; detail: string }>(
    db,
    `select once('create_prompt_version', 'prompt:' || $1, $2, $2::jsonb || jsonb_build_object('market_time', $3::bigint)) as value`,
    [idempotencyKey, json(version), marketTime],
  )
  if (!answer.ok) throw new IdempotencyConflict(answer.detail)
  return answer.version
}
