import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import type { BatchResult } from '@trader/core/contract/batch'
import type { Order } from '@trader/core/contract/order'
import { createPool, type Pool } from '@trader/server/database/pool'
import { LostOrders } from '@trader/server/worker/lost-orders'
import { sendUpdate } from '@trader/server/workflow-update'
import { reserveUpdate } from '@trader/workflows/messages'
import { batchId, executionLedgerId, manualOrigin } from '@trader/workflows/names'
import { newOrder, toReserve } from '../database/book.ts'
import { TcpProxy } from '../support/tcp-proxy.ts'
import { createWorker, eventually, Exchange, idOf, Market, product, realActivities } from './orders.ts'

// The worker reaches Postgres by a way that the tests cut and mend; the tests themselves see it all the time. An intent lives 30 s,
// so each of these stories takes a little longer.

/** When a refusal must be there: the intent's life, and what a busy machine may add. */
const refusedWithinMs = 45_000

let exchange: Exchange
let proxy: TcpProxy
let proxied: Pool
let stopWorker: () => Promise<void>
let market: Market
let afterGather = (): void => undefined
/** What the worker's answer to the ledger is lost to, once Postgres has committed. */
let afterReserve = (): void => undefined

beforeAll(async () => {
  exchange = await Exchange.start(inject('postgresUrl'))
  const url = new URL(exchange.databaseUrl)
  proxy = await TcpProxy.start(Number(url.port))
  url.port = String(proxy.port)
  proxied = createPool({ connectionString: url.href })
  const { client, taskQueue } = exchange
  const real = realActivities({ pool: proxied, client, taskQueue })
  const activities = {
    ...real,
    gatherRisk: async (input: Parameters<typeof real.gatherRisk>[0]) => {
      const gathered = await real.gatherRisk(input)
      afterGather()
      return gathered
    },
    postReserve: async (input: Parameters<typeof real.postReserve>[0]) => {
      const result = await real.postReserve(input)
      afterReserve()
      return result
    },
  }
  const worker = await createWorker({ connection: exchange.temporal.nativeConnection, taskQueue, activities })
  const running = worker.run()
  stopWorker = async () => {
    worker.shutdown()
    await running
  }
})
afterAll(async () => {
  await stopWorker()
  await exchange.stop()
  await proxied.end()
  await proxy.stop()
})
beforeEach(async () => {
  afterGather = afterReserve = () => undefined
  proxy.mend()
  market = await Market.open(exchange)
  await market.tick()
})
afterEach(() => market.check())

const cutAfterwards = (): void => proxy.cut()
const lostOrders = (patienceMs = 0) => new LostOrders({ pool: exchange.pool, client: exchange.client, log: () => undefined, patienceMs })

/** Places while Postgres fails, and answers what came of it before Postgres was back. */
async function placeDuringOutage(key = market.nextKey()): Promise<BatchResult> {
  const began = performance.now()
  const result = await market.place([{ quantity: '4' }, { quantity: '2', type: 'limit', limit_price: '99' }], key, { isSent: false })
  expect(performance.now() - began).toBeLessThan(refusedWithinMs)
  return result
}

/** Postgres is back, and the market goes on: nothing of the batch may trade, and nothing may be held. */
async function nothingTradesAfterwards(blocks: number): Promise<void> {
  proxy.mend()
  await eventually(async () => {
    const recorded = await market.blocks()
    expect(recorded.map(({ reason }) => reason)).toEqual(Array.from({ length: blocks }, () => 'INTENT_EXPIRED'))
  })
  for (let ticks = 0; ticks < 3; ticks += 1) await market.tick({ bid: '98' })
  expect(await market.fills()).toEqual([])
  expect(await market.heldOf('USD')).toBe('0')
  // And the books are not wedged.
  const next = await market.buy({ quantity: '4' })
  await market.tick({ bid: '98' })
  expect(await market.order(next)).toMatchObject({ state: 'FILLED' })
}

describe('orders that are asked for while Postgres is away', () => {
  it('are refused in time, on record once Postgres is back, and never trade', async () => {
    proxy.cut()
    const result = await placeDuringOutage()
    expect(result).toMatchObject({
      ok: false,
      reason: 'INTENT_EXPIRED',
      detail: expect.stringContaining('could not be read within 30000 ms'),
    })
    expect(await market.blocks()).toEqual([])
    await nothingTradesAfterwards(2)
    const [block] = await market.blocks()
    expect(block?.market_time).toBeGreaterThanOrEqual(market.time - 4 * 60_000)
  })

  it('are refused where it goes away between the look at the market and the reserve', async () => {
    afterGather = cutAfterwards
    const result = await placeDuringOutage()
    expect(result).toMatchObject({ ok: false, reason: 'INTENT_EXPIRED' })
    expect(await market.orders()).toEqual([])
    afterGather = () => undefined
    await nothingTradesAfterwards(2)
  })

  it('are refused where the reserve was made and its answer lost: the orders are released, not sent', async () => {
    afterReserve = () => {
      proxy.cut()
      throw new Error('the answer is lost')
    }
    const key = market.nextKey()
    expect(await placeDuringOutage(key)).toMatchObject({ ok: false, reason: 'INTENT_EXPIRED' })
    expect((await market.orders()).map(({ state }) => state)).toEqual(['RESERVED', 'RESERVED'])
    afterReserve = () => undefined
    proxy.mend()
    await lostOrders().settle()
    expect((await market.orders()).map(({ state, state_reason }) => [state, state_reason])).toEqual([
      ['ABORTED', 'it was reserved but never sent: what was to send it is gone'],
      ['ABORTED', 'it was reserved but never sent: what was to send it is gone'],
    ])
    await nothingTradesAfterwards(2)
  })

  it('for less time than an intent lives trade once, as if nothing had been', async () => {
    let cuts = 0
    afterReserve = () => {
      cuts += 1
      if (cuts > 1) return
      proxy.cut()
      setTimeout(() => proxy.mend(), 3000)
      throw new Error('the answer is lost')
    }
    const key = market.nextKey()
    expect(await market.place([{ quantity: '4' }], key)).toMatchObject({ ok: true })
    await market.tick()
    expect(await market.fills()).toMatchObject([{ order_id: idOf(key), quantity: '4' }])
  })
})

describe('orders that are asked for while no worker is there', () => {
  it('are refused when one comes too late', async () => {
    const taskQueue = 'late'
    const later = await Market.open(exchange, { book: 'paper' })
    await later.tick()
    const key = later.nextKey()
    const input = {
      run_id: later.runId,
      book: 'paper',
      idempotency_key: key,
      requests: [{ product, side: 'BUY', type: 'market', quantity: '4' }],
    }
    const batch = await exchange.client.workflow.start<(batch: unknown) => Promise<BatchResult>>('PlaceMockBatchWorkflow', {
      workflowId: batchId(manualOrigin(key)),
      taskQueue,
      args: [{ ...input, wait_ms: 0 }],
    })
    await sleep(30_500)
    await exchange.startWorker(undefined, taskQueue)
    expect(await batch.result()).toMatchObject({
      ok: false,
      reason: 'INTENT_EXPIRED',
      detail: expect.stringContaining('nothing was there to place it'),
    })
    expect(await later.orders()).toEqual([])
    expect(await later.blocks()).toMatchObject([{ reason: 'INTENT_EXPIRED', market_time: later.time + 1 }])
    market = later
  })
})

describe('an order that was reserved and has nobody to send it', () => {
  /** Reserves as a batch whose workflow ends right then. */
  const reserve = async (change: Partial<Order> = {}): Promise<Order> => {
    const origin = manualOrigin(market.nextKey())
    const order = newOrder(market.runId, {
      origin,
      time_in_force: 'GTC',
      quantity: '4',
      limit_price: '100',
      market_time: market.time,
      ...change,
    })
    const common = { batch_id: `${origin}-0`, run_id: market.runId, book: 'paper', market_time: market.time, deadline_at: null }
    const target = { workflowId: executionLedgerId('paper'), update: reserveUpdate, updateId: `reserve:${origin}` }
    expect(await sendUpdate(exchange.client, { ...target, input: { ...common, orders: [toReserve(order, '410')] } })).toMatchObject({
      ok: true,
    })
    return order
  }
  const send = (order: Order) =>
    exchange.client.workflow.start('PlaceMockOrderWorkflow', {
      workflowId: order.workflow_id,
      taskQueue: exchange.taskQueue,
      args: [{ order }],
    })

  it('is released after a while, and not before', async () => {
    const order = await reserve()
    await lostOrders(60_000).settle()
    expect(await market.order(order.order_id)).toMatchObject({ state: 'RESERVED' })
    await lostOrders().settle()
    expect(await market.order(order.order_id)).toMatchObject({ state: 'ABORTED' })
    expect(await market.balances()).toMatchObject({ USD: { held: '0' } })
    expect((await market.events('order_updated')).map(({ payload }) => payload['state'])).toEqual(['ABORTED'])
  })

  it('is never sent after it was released, even by a workflow that comes after all', async () => {
    const order = await reserve()
    await lostOrders().settle()
    expect(await (await send(order)).result()).toMatchObject({ state: 'ABORTED' })
    const { rows } = await exchange.pool.query('select from paper_order where order_id = $1', [order.order_id])
    expect(rows).toEqual([])
  })

  it('is released or sent, and never both, where both happen at once', async () => {
    const ends = new Set<string>()
    for (let round = 0; round < 12; round += 1) {
      const order = await reserve()
      await sleep(round * 3)
      await Promise.all([send(order), lostOrders().settle()])
      await eventually(async () => expect((await market.order(order.order_id)).state).not.toBe('RESERVED'))
      const { state } = await market.order(order.order_id)
      ends.add(state)
      const { rows } = await exchange.pool.query('select from paper_order where order_id = $1', [order.order_id])
      expect([state, rows.length]).toEqual(state === 'ABORTED' ? ['ABORTED', 0] : ['WORKING', 1])
      expect(await market.heldOf('USD')).toBe(state === 'ABORTED' ? '0' : '410')
      if (state !== 'WORKING') continue
      await exchange.client.workflow
        .getHandle(order.workflow_id)
        .executeUpdate('cancel', { args: [{ reason: 'test', market_time: market.time }] })
    }
    expect(ends.size).toBeGreaterThan(0)
  })

  it('is left to its workflow while it has one', async () => {
    proxy.cut()
    const order = newOrder(market.runId, { origin: manualOrigin(market.nextKey()), quantity: '4', limit_price: '100' })
    await send(order)
    proxy.mend()
    const other = await reserve()
    await send(other)
    await market.isAtVenue(other.order_id)
    await lostOrders().settle()
    expect(await market.order(other.order_id)).toMatchObject({ state: 'WORKING' })
    await exchange.client.workflow.getHandle(order.workflow_id).terminate('the test has no such order')
    await exchange.client.workflow
      .getHandle(other.workflow_id)
      .executeUpdate('cancel', { args: [{ reason: 'test', market_time: market.time }] })
  })

  it('and protects a position gets its workflow back, and sells', async () => {
    await market.buy({ quantity: '4' })
    await market.tick()
    const stop = await reserve({ side: 'SELL', type: 'stop', stop_price: '95', limit_price: null, state: 'ARMED' })
    await market.tick({ bid: '96' })
    await lostOrders().settle()
    await market.isAtVenue(stop.order_id)
    await market.tick({ bid: '94' })
    await market.tick({ bid: '94' })
    expect(await market.order(stop.order_id)).toMatchObject({ state: 'FILLED' })
    expect(await market.quantity()).toBe('0')
  })
})
