import { ApplicationFailure } from '@temporalio/common'
import type { TestWorkflowEnvironment } from '@temporalio/testing'
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest'
import { createPool, type Pool } from '@trader/server/database/pool'
import { listBlocks } from '@trader/server/database/queries/list-blocks'
import { findDecision } from '@trader/server/database/queries/list-decisions'
import { listFills } from '@trader/server/database/queries/list-fills'
import { listOrders } from '@trader/server/database/queries/list-orders'
import { decisionId, recordLaterId } from '@trader/workflows/names'
import { driftingCloses } from '../support/decision-snapshot.ts'
import { createDatabase } from '../support/postgres.ts'
import { TcpProxy } from '../support/tcp-proxy.ts'
import { startTemporal } from '../support/temporal.ts'
import { type Activities, buy, quietTemporal, replyOf, type ScriptedModel, scriptedModel, Trading } from '../support/trading.ts'
import { eventually } from './orders.ts'

// What a decision writes, and what it has reserved, while Postgres is away or will not take it. Only the worker's way is cut.

const calm = driftingCloses({ wobble: 0.001, drift: 0 })
let temporal: TestWorkflowEnvironment
let proxy: TcpProxy
/** The worker's, and the test's. */
let proxied: Pool
let pool: Pool
let model: ScriptedModel
let trading: Trading

beforeAll(async () => {
  quietTemporal()
  temporal = await startTemporal()
})
afterAll(() => temporal.teardown())
afterEach(async () => {
  proxy.mend()
  await trading.stop()
  await Promise.all([pool.end(), proxied.end()])
  await proxy.stop()
})

async function open(wrap: (activities: Activities) => Activities): Promise<void> {
  const database = await createDatabase(inject('postgresUrl'))
  pool = database.pool
  const url = new URL(database.url)
  proxy = await TcpProxy.start(Number(url.port))
  url.port = String(proxy.port)
  proxied = createPool({ connectionString: url.href })
  model = scriptedModel()
  trading = await Trading.start({ temporal, pool: proxied, models: model, model: 'scripted', wrap })
  await trading.history({ 'BTC-USD': calm })
  model.script(replyOf(buy()))
}

it('a decision whose orders cannot be reserved in time holds, is on record once Postgres is back, and nothing of it trades', async () => {
  let isFirst = true
  await open((activities) => ({
    ...activities,
    callModel: async (request) => {
      const reply = await activities.callModel(request)
      if (isFirst) proxy.cut()
      isFirst = false
      return reply
    },
  }))
  const deciding = trading.decide()
  const failed = expect(deciding).resolves.toMatchObject({ action: 'HOLD', hold_reason: 'LEDGER_REFUSED', orders: [] })
  await new Promise((resolve) => setTimeout(resolve, 38_000))
  proxy.mend()
  await failed
  const { id } = await deciding
  expect(await listBlocks(pool, { correlationId: id })).toMatchObject([
    { reason: 'INTENT_EXPIRED', reasons: [{ reason: 'INTENT_EXPIRED' }] },
  ])
  await trading.tick({ 'BTC-USD': 10_000 })
  expect([await listOrders(pool), await listFills(pool)]).toEqual([[], []])
  // The ledger has refused what came too late, and goes on.
  await trading.tick({ 'BTC-USD': 10_100 })
  expect(await trading.decide()).toMatchObject({ action: 'TRADE' })
})

it('a decision that the database will never take is told of, its orders go on, and so do later decisions', async () => {
  let isFirst = true
  await open((activities) => ({
    ...activities,
    // What no jsonb of Postgres' can hold; Postgres itself refuses it.
    saveDecision: (decision) => {
      const hold_detail = isFirst ? 'nul \u0000' : decision.hold_detail
      isFirst = false
      return activities.saveDecision({ ...decision, hold_detail })
    },
  }))
  await expect(trading.decide()).rejects.toThrow('no decision was recorded')
  const id = decisionId({ runId: trading.run.run_id, marketTime: trading.now })
  await expect(temporal.client.workflow.getHandle(id).result()).rejects.toMatchObject({
    cause: { type: 'DecisionNotSaved', message: expect.stringContaining('22P05') },
  })
  const { rows } = await pool.query(`select correlation_id, payload from event where type = 'decision_failed'`)
  const [order] = await listOrders(pool)
  expect(rows).toEqual([
    { correlation_id: id, payload: { decision_id: id, why: expect.stringContaining('22P05'), orders: [order?.order_id] } },
  ])
  await trading.tick({ 'BTC-USD': 10_000 })
  expect(await listFills(pool)).toMatchObject([{ order_id: order?.order_id }])
  model.script(replyOf())
  await trading.tick({ 'BTC-USD': 10_200 }, 60_000)
  expect(await trading.decide()).toMatchObject({ action: 'HOLD', hold_reason: 'MODEL_CHOSE_HOLD' })
})

it('a decision that cannot be saved for minutes ends, and is saved later', async () => {
  let isFirst = true
  await open((activities) => ({
    ...activities,
    saveDecision: (decision) => {
      // The next attempt would come after all the time that a decision waits for its record.
      const isAway = isFirst
      isFirst = false
      if (isAway) throw ApplicationFailure.create({ message: 'Postgres is away', nextRetryDelay: '3m' })
      return activities.saveDecision(decision)
    },
  }))
  await trading.decide().catch(() => undefined) // it may be on record by now, or not yet
  const id = decisionId({ runId: trading.run.run_id, marketTime: trading.now })
  expect(await temporal.client.workflow.getHandle(id).result()).toMatchObject({ id, action: 'TRADE' })
  await temporal.client.workflow.getHandle(recordLaterId(id)).result()
  await eventually(async () => expect(await findDecision(pool, id)).toMatchObject({ id, action: 'TRADE' }))
})
