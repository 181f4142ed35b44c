import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { createDatabase } from '../support/postgres.ts'
import { openTamperWorld } from './tamper/world.ts'
import { runTampers } from './tamper/run-tampers.ts'
import type { SealedWorld } from './journal.ts'

const tampers = 300
const seed = 20180404

let world: SealedWorld
beforeAll(async () => {
  world = await openTamperWorld((await createDatabase(inject('postgresUrl'))).pool)
})
afterAll(async () => {
  await world.pool.end()
  world.remove()
})

describe('a superuser with the triggers off', () => {
  it(`cannot alter, remove, add, swap or cut off anything unseen: ${tampers} tampers by chance are found and located`, async () => {
    const { misses, ...counts } = await runTampers(world, { seed, from: 0, count: tampers })
    expect(misses).toEqual([])
    expect(counts).toMatchObject({ tampers, found: tampers, located: tampers, slandered: 0 })
  })
})
