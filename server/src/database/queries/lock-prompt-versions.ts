import type { Database } from '../pool.ts'
import { value } from './value.ts'

/**
 * Waits until no other transaction changes prompt versions, and keeps it so until the end of this one. Answers whether the
 * creation or activation of this key was made before.
 */
export async function lockPromptVersions(
  db: Database,
  { kind, key }: { kind: 'prompt' | 'activation'; key: string },
): Promise<{ isMade: boolean }> {
  await db.query(`select pg_advisory_xact_lock(hashtextextended('prompt_version', 0))`)
  return { isMade: await value<boolean>(db, 'select exists (select from idempotency where idem_key = $1) as value', [`${kind}:${key}`]) }
}
