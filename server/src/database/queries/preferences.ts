import { defaultPreferences, type Preferences, type StoredPreferences } from '@trader/core/contract/preferences'
import { IdempotencyConflict } from '../database-error.ts'
import type { Database } from '../pool.ts'
import { json, value, valueOrNull } from './value.ts'

/** What the user wants now; the defaults, as version 0, before anything was said. */
export async function getPreferences(db: Database): Promise<StoredPreferences> {
  const stored = await valueOrNull<StoredPreferences>(
    db,
    `select preferences || jsonb_build_object('version', version, 'updated_at', updated_at) as value from preferences order by version desc limit 1`,
  )
  return stored ?? { ...defaultPreferences, version: 0, updated_at: 0 }
}

/** Changes only what `patch` names. Each change is a version; the same key is the same change. */
export async function mergePreferences(
  db: Database,
  { idempotencyKey, patch, who, marketTime }: { idempotencyKey: string; patch: Partial<Preferences>; who: string; marketTime: number },
): Promise<StoredPreferences> {
  const args = { patch, who, defaults: defaultPreferences, market_time: marketTime }
  const answer = await value<{ ok: true; preferences: StoredPreferences } | { ok: false; detail: string }>(
    db,
    `select once('merge_preferences', 'preferences:' || $1, $2, $3) as value`,
    [idempotencyKey, json({ patch, who }), json(args)],
  )
  if (!answer.ok) throw new IdempotencyConflict(answer.detail)
  return answer.preferences
}
