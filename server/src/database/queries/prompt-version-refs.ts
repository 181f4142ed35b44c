import type { PromptVersionRef } from '@trader/core/contract/prompt-messages'
import type { Database } from '../pool.ts'
import { valueOrNull, values } from './value.ts'

const ref = `prompt_version_json(v) - 'text' - 'evidence' - 'attribution'`

/** The newest versions without their prose, oldest of them first. */
export async function newestPromptVersionRefs(db: Database, limit: number): Promise<PromptVersionRef[]> {
  return values(
    db,
    `select value from (select v.version, ${ref} as value from prompt_version v order by v.version desc limit $1) newest order by version`,
    [limit],
  )
}

export async function findPromptVersionRef(db: Database, version: number): Promise<PromptVersionRef | null> {
  return valueOrNull(db, `select ${ref} as value from prompt_version v where v.version = $1`, [version])
}

/** The version that decisions use, without its prose; null before the first activation. */
export async function activePromptVersionRef(db: Database): Promise<PromptVersionRef | null> {
  return valueOrNull(db, `select ${ref} as value from prompt_version v where v.version = active_prompt_version()`)
}
