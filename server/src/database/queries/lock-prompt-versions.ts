import type { Database } from '../pool.ts'
import { valueOrNull } from './value.ts'

/**
 * Waits until no other transaction changes prompt versions, and keeps it so until the end of this one. Answers the version
 * that the creation or activation of this key was of, where there was one.
 */
export async function lockPromptVersions(
  db: Database,
  { kind, key }: { kind: 'prompt' | 'activation'; key: string },
): Promise<number | null> {
  await db.query(`select pg_advisory_xact_lock(hashtextextended('prompt_version', 0))`)
  return valueOrNull(db, `select result -> 'version' as value from idempotency where idem_key = $1`, [`${kind}:${key}`])
}
