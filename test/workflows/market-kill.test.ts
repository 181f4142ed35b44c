import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { TestWorkflowEnvironment } from '@temporalio/testing'
import { bundleWorkflowCode } from '@temporalio/worker'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { addBatch, historicalTicks, startFeatureWindow } from '@trader/core/market/feature-window'
import { seededRandom } from '@trader/core/market/seeded-random'
import type { Pool } from '@trader/server/database/pool'
import { findRun } from '@trader/server/database/queries/find-run'
import { listQuarantinedTicks } from '@trader/server/database/queries/quarantine-tick'
import { MarketStreamWorkflow } from '@trader/workflows/market-stream'
import * as messages from '@trader/workflows/messages'
import { featureId, marketStreamId } from '@trader/workflows/names'
import { createDatabase } from '../support/postgres.ts'
import { startTemporal } from '../support/temporal.ts'
import { candleFiles, comparable, newRun, planOf, products, storedTicks, ticksOfPlan } from './market.ts'

const kills = 6
let temporal: TestWorkflowEnvironment
let pool: Pool
let url: string
let files: string[]

beforeAll(async () => {
  files = await candleFiles(150)
  temporal = await startTemporal()
  ;({ pool, url } = await createDatabase(inject('postgresUrl')))
})
afterAll(async () => {
  await temporal.teardown()
  await pool.end()
  await rm(dirname(files[0] ?? ''), { recursive: true })
})

describe('a market stream whose worker is killed', () => {
  it('delivers exactly the ticks and decisions of one that is not', async () => {
    const folder = dirname(files[0] ?? '')
    const [journal, bundle] = [join(folder, 'journal'), join(folder, 'bundle.js')]
    const workflowsPath = new URL('../../workflows/src/index.ts', import.meta.url).pathname
    await writeFile(bundle, (await bundleWorkflowCode({ workflowsPath })).code)
    await writeFile(journal, '')
    const script = new URL('../support/market-worker.ts', import.meta.url).pathname
    const begin = (): ChildProcess => spawn(process.execPath, [script, temporal.address, url, bundle, journal], { stdio: 'ignore' })

    const plan = planOf(await newRun(pool), files, { stream_limits: { continue_every: 45, history_limit: 9000 } })
    const expected = await ticksOfPlan(plan)
    let worker = begin()
    const handle = await temporal.client.workflow.start(MarketStreamWorkflow, {
      workflowId: marketStreamId,
      taskQueue: 'killed-market',
      args: [plan],
    })
    const random = seededRandom(7, 'kill')
    for (let kill = 0; kill < kills; kill += 1) {
      const before = await linesOf(journal)
      while ((await linesOf(journal)).length < before.length + 8) await delay(20)
      await delay(random.uniform(1, kill) * 150)
      worker.kill('SIGKILL')
      await once(worker, 'exit')
      worker = begin()
    }
    expect(await handle.result()).toMatchObject({ ended: 'end_of_data' })
    await checkFeatures()
    worker.kill('SIGKILL')

    expect(comparable(await storedTicks(pool, plan.run_id))).toEqual(comparable(expected))
    expect(await listQuarantinedTicks(pool, { runId: plan.run_id })).toEqual([])
    expect(await findRun(pool, plan.run_id)).toMatchObject({ status: 'finished' })
    const decided = (await linesOf(journal)).filter((line) => line.startsWith('decided')).map((line) => Number(line.split(' ')[1]))
    const instants = [...new Set(decided)]
    expect(instants).toEqual(instants.toSorted((left, right) => left - right))
    expect(instants.length).toBe(139)

    async function checkFeatures(): Promise<void> {
      for (const product of products) {
        const ofProduct = expected.filter((tick) => tick.product === product)
        const window = addBatch(startFeatureWindow({ product, timeframeMs: 60_000, windowSeconds: 300, history: [] }), ofProduct)
        const features = temporal.client.workflow.getHandle(featureId(product))
        expect(await features.query(messages.historicalTicksQuery, 0)).toEqual(historicalTicks(window))
        expect((await features.query(messages.featureStatusQuery)).dropped).toEqual({ count: 0, last_reason: null })
      }
    }
  })
})

async function linesOf(file: string): Promise<string[]> {
  return (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '')
}
