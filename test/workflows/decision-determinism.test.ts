import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestWorkflowEnvironment } from '@temporalio/testing'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { offlineReply } from '@trader/core/agent/offline-trader'
import { candleCsv } from '@trader/core/market/candle-csv'
import { listDecisions } from '@trader/server/database/queries/list-decisions'
import { listFills } from '@trader/server/database/queries/list-fills'
import { listOrders } from '@trader/server/database/queries/list-orders'
import { createOfflineModel } from '@trader/server/llm/offline/offline-model'
import { startMarket } from '@trader/server/stack/run/begin-run'
import { scheduleNudges } from '@trader/server/stack/run/nudge-schedule'
import { executionNudgeScheduleId, marketStreamId } from '@trader/workflows/names'
import { candlesOf } from '../support/decision-snapshot.ts'
import { createDatabase } from '../support/postgres.ts'
import { startTemporal } from '../support/temporal.ts'
import { quietTemporal, Trading } from '../support/trading.ts'
import { planOf } from './market.ts'

const minutes = 165
const historicalMinutes = 120
const products = ['BTC-USD', 'ETH-USD']

let temporal: TestWorkflowEnvironment
beforeAll(async () => {
  quietTemporal()
  temporal = await startTemporal()
})
afterAll(() => temporal.teardown())

it('the same files and seed give the same prompts, decisions, orders and fills', async () => {
  const files = await candleFiles()
  const first = await replay('run-a', files)
  const second = await replay('run-b', files)
  expect(first.decisions.length).toBeGreaterThan(30)
  expect(first.decisions.filter(({ prompt_hash }) => prompt_hash !== null).length).toBeGreaterThan(2)
  expect(first.fills.length).toBeGreaterThan(1)
  expect(second).toEqual(first)
})

/** Both products rise, with waves that reach stops and take-profits. */
function candleFiles(): Promise<string[]> {
  return Promise.all(
    products.map(async (product, which) => {
      const closes = Array.from({ length: minutes }, (_, at) => {
        const rise = 0.0006 * Math.max(0, at - 70)
        return (10_000 / (which * 19 + 1)) * (1 + rise + 0.012 * Math.sin(at / (4 + which)) + (at % 2 === 0 ? 0.001 : 0))
      })
      const rows = candlesOf(closes, product).map(({ start, open, high, low, close }) =>
        [1_700_000_040_000 + start, open, high, low, close, '100'].join(','),
      )
      const file = join(await mkdtemp(join(tmpdir(), 'replay-')), `test_${product}_1m.csv`)
      await writeFile(file, [candleCsv.header, ...rows, ''].join('\n'))
      return file
    }),
  )
}

/** A replay from its beginning to the end of its files, in a database of its own; what came of it, without ids and wall times. */
async function replay(runId: string, files: readonly string[]) {
  const { pool } = await createDatabase(inject('postgresUrl'))
  const models = createOfflineModel([offlineReply])
  const trading = await Trading.start({ temporal, pool, models, runId, products })
  const { client, taskQueue } = trading
  try {
    const plan = planOf(runId, files, { historical_minutes: historicalMinutes })
    await scheduleNudges({ client, taskQueue, runId, book: 'paper', model: 'offline', nudgeSeconds: 25, isStepped: true })
    await startMarket({ client, taskQueue, plan, startId: runId })
    await client.workflow.getHandle(marketStreamId).result()
    const decisions = await listDecisions(pool, { limit: 1000 })
    const orders = await listOrders(pool, { limit: 1000 })
    const fills = await listFills(pool, { limit: 1000 })
    return { decisions: decisions.map(withoutIds), orders: orders.map(withoutIds), fills: fills.map(withoutIds) }
  } finally {
    await client.schedule.getHandle(executionNudgeScheduleId).delete()
    await trading.stop()
    await pool.end()
  }
}

/** Names of what holds an id, or a time of the wall. */
const ofOneRun = /^(id|run_id|origin|orders|model_calls|recorded_at|updated_at|.*_id)$/
const uuid = /[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g

function withoutIds<Row extends object>(row: Row): Row {
  return JSON.parse(JSON.stringify(row, (name, value: unknown) => (ofOneRun.test(name) ? undefined : value)).replaceAll(uuid, 'an id'))
}
