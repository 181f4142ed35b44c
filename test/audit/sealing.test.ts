import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { Pool } from '@trader/server/database/pool'
import { createDatabase } from '../support/postgres.ts'
import { openSealedWorld, recordJournal, sealAll, verifyWorld, type SealedWorld } from './journal.ts'

let pool: Pool
let world: SealedWorld
beforeAll(async () => {
  ;({ pool } = await createDatabase(inject('postgresUrl')))
  world = openSealedWorld(pool)
})
afterAll(async () => {
  await pool.end()
  world.remove()
})

describe('the seals', () => {
  it('cover what is recorded, and a check finds nothing wrong', async () => {
    await recordJournal(pool, { rounds: 3, name: 'one' })
    await sealAll(world)
    console.time('verify')
    const verdict = await verifyWorld(world)
    console.timeEnd('verify')
    expect(verdict).toMatchObject({ ok: true, bad: [], unsealed: 0, oldest_unsealed_ms: null })
    console.log(verdict)
  })
})
