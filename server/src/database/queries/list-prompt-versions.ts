import type { PromptVersion } from '@trader/core/contract/prompt-version'
import type { Database } from '../pool.ts'
import { valueOrNull, values } from './value.ts'

/** Newest first. `attribution` is null here: what was traded under a version is computed from fills. */
export async function listPromptVersions(db: Database): Promise<PromptVersion[]> {
  return values(db, 'select prompt_version_json(v) as value from prompt_version v order by version desc')
}

/** The version that decisions use; null before the first activation. */
export async function activePromptVersion(db: Database): Promise<PromptVersion | null> {
  return valueOrNull(db, 'select prompt_version_json(v) as value from prompt_version v where version = active_prompt_version()')
}
