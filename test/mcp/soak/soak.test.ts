import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import type { Pool } from '@trader/server/database/pool'
import { createDatabase } from '../../support/postgres.ts'
import { growth } from './flatness.ts'
import { soak } from './soak.ts'

let pool: Pool
let databaseUrl: string
beforeAll(async () => {
  ;({ pool, url: databaseUrl } = await createDatabase(inject('postgresUrl')))
})
afterAll(() => pool.end())

// `make certify PROOF=mcp-soak` makes 100,000.
it('3,000 calls through every door are answered right, and leave no memory, listener or timer behind', async () => {
  const { checkpoints, wrong } = await soak({ pool, databaseUrl, seed: 6, from: 0, to: 3000, every: 500 })
  expect(wrong).toEqual([])
  expect(growth(checkpoints, { warmUp: 2, heapMegabytes: 2 }), JSON.stringify(checkpoints)).toEqual([])
})
