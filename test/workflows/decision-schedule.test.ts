import type { TestWorkflowEnvironment } from '@temporalio/testing'
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, it } from 'vitest'
import type { Pool } from '@trader/server/database/pool'
import { listDecisions } from '@trader/server/database/queries/list-decisions'
import { listOrders } from '@trader/server/database/queries/list-orders'
import { scheduleNudges } from '@trader/server/stack/run/nudge-schedule'
import { executionNudgeScheduleId } from '@trader/workflows/names'
import { driftingCloses } from '../support/decision-snapshot.ts'
import { createDatabase } from '../support/postgres.ts'
import { startTemporal } from '../support/temporal.ts'
import { buy, quietTemporal, replyOf, type ScriptedModel, scriptedModel, Trading } from '../support/trading.ts'

const calm = driftingCloses({ wobble: 0.001, drift: 0 })

let temporal: TestWorkflowEnvironment
let pool: Pool
let model: ScriptedModel
let trading: Trading

beforeAll(async () => {
  quietTemporal()
  temporal = await startTemporal()
})
afterAll(() => temporal.teardown())
beforeEach(async () => {
  pool = (await createDatabase(inject('postgresUrl'))).pool
  model = scriptedModel()
  trading = await Trading.start({ temporal, pool, models: model, model: 'scripted', market: 'coinbase', modelDeadlineMs: 3500 })
  await trading.history({ 'BTC-USD': calm })
})
afterEach(async () => {
  await temporal.client.schedule
    .getHandle(executionNudgeScheduleId)
    .delete()
    .catch(() => undefined)
  await trading.stop()
  await pool.end()
})

const seconds = (count: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, count * 1000))
const nudge = () =>
  scheduleNudges({
    client: trading.client,
    taskQueue: trading.taskQueue,
    runId: trading.run.run_id,
    book: 'paper',
    model: 'scripted',
    nudgeSeconds: 1,
    isStepped: false,
  })
/** A tick of now, as a live market sends it. */
const tickNow = (price: number): Promise<void> => trading.tick({ 'BTC-USD': price }, Date.now() - trading.now)

it('the Schedule starts a decision each interval, and one that runs skips the next', async () => {
  const bothAtOnce: number[] = []
  let underWay = 0
  model.script(async () => {
    underWay += 1
    bothAtOnce.push(underWay)
    await seconds(2.5)
    underWay -= 1
    return { text: 'no JSON', outcome: 'provider_error', error: 'busy' }
  })
  await tickNow(10_000)
  await nudge()
  for (let tick = 0; tick < 8; tick += 1) {
    await seconds(1)
    await tickNow(10_000)
  }
  await trading.client.schedule.getHandle(executionNudgeScheduleId).pause('enough')
  const { info } = await trading.client.schedule.getHandle(executionNudgeScheduleId).describe()
  await expect.poll(async () => (await listDecisions(pool)).length, { timeout: 10_000 }).toBe(info.numActionsTaken)
  const decisions = await listDecisions(pool)
  expect(decisions.length).toBeGreaterThanOrEqual(2)
  expect(decisions.length).toBeLessThanOrEqual(4)
  expect(info.numActionsSkippedOverlap).toBeGreaterThanOrEqual(3)
  expect(new Set(bothAtOnce)).toEqual(new Set([1]))
  for (const { id, market_time } of decisions) {
    expect(id).toMatch(new RegExp(`^decision-${trading.run.run_id}-\\d{4}-\\d\\d-\\d\\dT`))
    expect(Math.abs(market_time - Date.parse(id.slice(-20)))).toBeLessThan(5000)
  }
})

it('a decision that was held up past its cycle does not trade on what it saw', async () => {
  model.script(replyOf(buy()))
  await tickNow(10_000)
  const client = await pool.connect()
  await client.query('begin; lock table preferences in access exclusive mode')
  const deciding = trading.client.workflow.execute('TradingDecisionWorkflow', {
    workflowId: `late-${trading.run.run_id}`,
    taskQueue: trading.taskQueue,
    args: [{ run_id: trading.run.run_id, book: 'paper', market_time: null, model: 'scripted' }],
  })
  await seconds(9)
  await client.query('commit')
  client.release()
  expect(await deciding).toMatchObject({
    action: 'HOLD',
    hold_reason: 'MODEL_AFTER_DEADLINE',
    hold_detail: expect.stringContaining('ms old'),
  })
  expect(await listOrders(pool)).toEqual([])
})
