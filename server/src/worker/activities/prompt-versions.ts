import type { Book } from '@trader/core/contract/primitives'
import { firstPromptVersion } from '@trader/core/judge/first-prompt-version'
import type {
  ActivatePromptVersion,
  PromptHistory,
  PromptStored,
  PromptVersionActivities,
  StorePromptVersion,
} from '@trader/workflows/activities'
import { type Database, type Pool, withTransaction } from '../../database/pool.ts'
import { activatePromptVersion } from '../../database/queries/activate-prompt-version.ts'
import { createPromptVersion, type NewPromptVersion } from '../../database/queries/create-prompt-version.ts'
import { lockPromptVersions } from '../../database/queries/lock-prompt-versions.ts'
import { activePromptVersionRef, findPromptVersionRef, newestPromptVersionRefs } from '../../database/queries/prompt-version-refs.ts'
import { runInstant } from './run-instant.ts'

/** Versions that the judge agent remembers; all are in the database. */
const rememberedVersions = 50

export function createPromptVersionActivities({ pool }: { pool: Pool }): PromptVersionActivities {
  return {
    loadPromptHistory: ({ book }) => withTransaction(pool, (db) => ensureFirst(db, book)),
    storePromptVersion: (input) => withTransaction(pool, (db) => add(db, input)),
    activatePromptVersion: (input) => withTransaction(pool, (db) => activate(db, input)),
  }
}

async function ensureFirst(db: Database, book: Book): Promise<PromptHistory> {
  await lockPromptVersions(db, { kind: 'prompt', key: 'first' })
  if ((await activePromptVersionRef(db)) === null) {
    const {
      version: _number,
      created_at: _createdAt,
      is_active: _isActive,
      attribution: _attribution,
      ...first
    } = firstPromptVersion(Date.now())
    await addAndActivate(db, { requestId: 'first', version: first, book })
  }
  return historyOf(db)
}

type Stored = Awaited<ReturnType<PromptVersionActivities['storePromptVersion']>>

async function add(
  db: Database,
  { request_id, draft, reason, author, evidence, parent_version, created_by, book }: StorePromptVersion,
): Promise<Stored> {
  const made = await lockPromptVersions(db, { kind: 'prompt', key: request_id })
  if (made !== null) return storedAs(db, made)
  if ((await activePromptVersionRef(db))?.version !== parent_version) return { status: 'parent_changed', history: await historyOf(db) }
  const version = { ...draft, reason, author, evidence, parent_version, created_by }
  return storedAs(db, await addAndActivate(db, { requestId: request_id, version, book }))
}

type Activated = Awaited<ReturnType<PromptVersionActivities['activatePromptVersion']>>

async function activate(db: Database, { request_id, version, reason, author, book }: ActivatePromptVersion): Promise<Activated> {
  const made = await lockPromptVersions(db, { kind: 'activation', key: request_id })
  if (made !== null) return storedAs(db, made)
  const target = await findPromptVersionRef(db, version)
  if (target === null) return { status: 'unknown_version', history: await historyOf(db) }
  if (target.is_active) return { status: 'already_active', history: await historyOf(db) }
  const { market_time } = await runInstant(db, book)
  await activatePromptVersion(db, { idempotency_key: request_id, version, who: author, reason, market_time })
  return storedAs(db, version)
}

async function storedAs(db: Database, version: number): Promise<PromptStored> {
  const ref = await findPromptVersionRef(db, version)
  if (ref === null) throw new Error(`prompt version ${version} was stored and is not there`)
  return { status: 'stored', version: ref, history: await historyOf(db) }
}

async function addAndActivate(
  db: Database,
  { requestId, version, book }: { requestId: string; version: NewPromptVersion; book: Book },
): Promise<number> {
  const { market_time } = await runInstant(db, book)
  const number = await createPromptVersion(db, { idempotencyKey: requestId, version, marketTime: market_time })
  const { author, reason } = version
  await activatePromptVersion(db, { idempotency_key: requestId, version: number, who: author, reason, market_time })
  return number
}

async function historyOf(db: Database): Promise<PromptHistory> {
  const active = await activePromptVersionRef(db)
  if (active === null) throw new Error('no prompt version is active')
  return { versions: await newestPromptVersionRefs(db, rememberedVersions), active }
}
