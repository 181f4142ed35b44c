import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool } from '../database/pool.ts'
import { nameSeal, newestSeal } from './seal-batch.ts'
import { lastLoggedSeal } from './seal-log.ts'

/** Older than this and unsealed is a problem; the promise is one second. */
export const behindMs = 5000
/** Between a seal's commit and its line in the file. */
const betweenMs = 500

/** How the sealing stands, as `status` and `doctor` show it. */
export type SealingState = Readonly<{
  /** Number of the newest seal, 0 before the first. */
  seals: number
  unsealed: number
  oldest_unsealed_ms: number | null
  /** What is wrong; null where nothing is. */
  problem: string | null
}>

export async function readSealingState(pool: Pool, { sealLog }: { sealLog: string }): Promise<SealingState> {
  const { rows } = await pool.query<{ unsealed: number; age: number | null }>(
    'select count(*)::int as unsealed, now_ms() - min(queued_at) as age from audit_queue',
  )
  const { unsealed = 0, age = null } = rows[0] ?? {}
  const newest = await newestSeal(pool)
  return { seals: newest?.seal ?? 0, unsealed, oldest_unsealed_ms: age, problem: behind(age) ?? (await disagreement(pool, sealLog)) }
}

function behind(age: number | null): string | null {
  return age !== null && age > behindMs ? `sealing is behind: the oldest unsealed record is ${(age / 1000).toFixed(1)} s old` : null
}

/** Asked twice, as a seal is stored just before its line is written. */
async function disagreement(pool: Pool, sealLog: string): Promise<string | null> {
  if (await agrees(pool, sealLog)) return null
  await sleep(betweenMs)
  if (await agrees(pool, sealLog)) return null
  return `the database ends with ${nameSeal(await newestSeal(pool))}, the seal log with ${nameSeal(lastLoggedSeal(sealLog))}`
}

async function agrees(pool: Pool, sealLog: string): Promise<boolean> {
  const newest = await newestSeal(pool)
  return newest?.hash === lastLoggedSeal(sealLog)?.hash
}
