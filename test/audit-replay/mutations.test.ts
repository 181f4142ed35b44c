import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { TestWorkflowEnvironment } from '@temporalio/testing'
import { Replayer } from '@trader/server/audit/replay/replayer'
import type { Pool } from '@trader/server/database/pool'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { fixture, quietReplay } from '../replay/replay-content.ts'
import { drawSites, executedSites, runMutant } from '../support/mutations/run-mutants.ts'
import { variedSession } from '../support/mutations/varied-session.ts'
import { createDatabase } from '../support/postgres.ts'
import { startTemporal } from '../support/temporal.ts'
import { bundleCode } from './archived-session.ts'

// A small size of `make certify PROOF=mutations`, which wants 95 of 100 on far more histories. Which places are drawn changes with
// every change of the code, so this one leaves room for those that a short session cannot show.

const [mutations, enough, decisions, seed] = [8, 5, 20, 4]
const types = readdirSync(join(import.meta.dirname, '../replay/histories')).map((name) => name.replace('.gz', ''))

let temporal: TestWorkflowEnvironment
let pool: Pool
const replayer = new Replayer()
beforeAll(async () => {
  quietReplay()
  temporal = await startTemporal({ suggestNewRunAfter: 80 })
  ;({ pool } = await createDatabase(inject('postgresUrl')))
})
afterAll(async () => {
  replayer.close()
  await temporal.teardown()
  await pool.end()
})

describe('changes of the code by chance', () => {
  it('are seen by a replay of what executed them', async () => {
    const code = await bundleCode()
    const recorded = [...types.flatMap(fixture), ...(await variedSession({ temporal, pool, seed, decisions }))]
    const sites = await executedSites(code, recorded)
    expect(sites.length).toBeGreaterThan(300)
    const missed: string[] = []
    for (const site of drawSites(sites, { seed, count: mutations })) {
      const { caught, kind, line, before, text } = await runMutant(code, site, replayer)
      if (caught === null) missed.push(`${kind} ${line}: ${before} => ${text}`)
    }
    if (missed.length > mutations - enough) expect(missed).toEqual([])
  }, 300_000)
})
