import type { Pool } from '@trader/server/database/pool'
import { openSealedWorld, recordJournal, sealAll, type SealedWorld } from '../journal.ts'
import { dropChecks } from './tables.ts'

/** A journal in which every sealed table has rows, in several seals, without the checks that a superuser would drop first. */
export async function openTamperWorld(pool: Pool): Promise<SealedWorld> {
  const world = openSealedWorld(pool)
  for (const name of ['one', 'two', 'three', 'four']) {
    await recordJournal(pool, { rounds: 1, name })
    await sealAll(world)
  }
  await dropChecks(pool)
  return world
}
