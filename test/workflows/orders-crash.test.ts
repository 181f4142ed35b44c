import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { executionLedgerId } from '@trader/workflows/names'
import { sendUpdate } from '@trader/server/workflow-update'
import { releaseUpdate } from '@trader/workflows/messages'
import { KilledWorker } from '../support/killed-worker.ts'
import { eventually, Exchange, idOf, Market, workflowIdOf } from './orders.ts'

/** Events after which every workflow goes on as a new run: every few updates, so that each story crosses that change. */
const suggestNewRunAfter = 60

let exchange: Exchange
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'orders-'))
  exchange = await Exchange.start(inject('postgresUrl'), { suggestNewRunAfter })
  await exchange.startWorker()
})
afterAll(async () => {
  await exchange.stop()
  await rm(folder, { recursive: true })
})

async function firstRunOf(workflowId: string): Promise<string> {
  const runs: { runId: string; startTime: Date }[] = []
  for await (const { runId, startTime } of exchange.client.workflow.list({ query: `WorkflowId = '${workflowId}'` }))
    runs.push({ runId, startTime })
  return runs.toSorted((a, b) => a.startTime.getTime() - b.startTime.getTime())[0]?.runId ?? ''
}

describe('the feed', () => {
  it('that dies between matching and settling settles first when it comes again', async () => {
    const market = await Market.open(exchange)
    await market.tick()
    const id = await market.buy({ quantity: '4', stop_price: '95' })
    const ticks = await market.show([{}, { bid: '94' }, { bid: '94' }])
    const dies = async (): Promise<void> => {
      const { rows } = await exchange.pool.query('select from paper_report where order_id = $1', [id])
      if (rows.length > 0) throw new Error('the feed died')
    }
    await expect(market.match(ticks, dies)).rejects.toThrow('the feed died')
    expect(await market.fills()).toEqual([])

    await market.match(ticks)
    expect((await market.fills()).map(({ side, quantity }) => `${side} ${quantity}`)).toEqual(['BUY 4', 'SELL 4'])
    await market.match(ticks)
    expect(await market.fills()).toHaveLength(2)
    await market.check()
  })

  it('run by two workers at once on the same ticks fills each order once', async () => {
    const market = await Market.open(exchange)
    const { temporal, databaseUrl, taskQueue } = exchange
    const journal = join(folder, 'second')
    const second = new KilledWorker({ temporalAddress: temporal.address, databaseUrl, taskQueue, journal, point: 'never', passages: [] })
    await second.start()
    await market.tick()
    await market.buy({ quantity: '4', stop_price: '95', take_profit: '110' })
    const ticks = await market.show([{}, { bid: '96' }, { bid: '94' }, { bid: '93', volume: '20' }, { bid: '92' }])
    await Promise.all([market.match(ticks), market.match(ticks), market.match(ticks)])
    await second.stop()
    expect((await market.fills()).map(({ side, quantity, price }) => `${side} ${quantity} at ${price}`)).toEqual([
      'BUY 4 at 100.002',
      expect.stringMatching(/^SELL 2 at 92\.99/),
      expect.stringMatching(/^SELL 2 at 91\.99/),
    ])
    await market.check()
  })
})

describe('workflows that go on as new runs', () => {
  it('lose nothing of an order that fills over many ticks', async () => {
    const market = await Market.open(exchange)
    await market.tick()
    const id = await market.buy({ type: 'limit', limit_price: '98', quantity: '10', stop_price: '90' })
    await market.tick()
    for (let filled = 0; filled < 20; filled += 1) await market.tick({ bid: '97', volume: '5' })
    expect(await market.ended(id)).toMatchObject({ state: 'FILLED', filled_quantity: '10' })
    expect(await market.fills(id)).toHaveLength(20)
    expect(await market.order(await market.exitOf(id, 'stop'))).toMatchObject({ quantity: '10' })
    const { workflow_id } = await market.order(id)
    expect((await exchange.client.workflow.getHandle(workflow_id).describe()).runId).not.toBe(await firstRunOf(workflow_id))
    await market.check()
  })

  it('take cancels of many orders that come at the same moment', async () => {
    const market = await Market.open(exchange, { cash: '1000000' })
    await market.tick()
    const key = market.nextKey()
    const legs = Array.from({ length: 12 }, (_, leg) => leg)
    const request = { type: 'limit' as const, limit_price: '98' }
    expect(
      await market.place(
        legs.map((leg) => ({ ...request, quantity: String(2 + leg) })),
        key,
      ),
    ).toMatchObject({ ok: true })
    const cancels = legs.map((leg) => {
      const handle = exchange.client.workflow.getHandle(workflowIdOf(key, leg))
      return handle.executeUpdate('cancel', { args: [{ reason: 'test', market_time: market.time }] })
    })
    expect(await Promise.all(cancels)).toEqual(legs.map(() => 'CANCELLED'))
    expect(await market.heldOf('USD')).toBe('0')
    // Released again, nothing more comes back.
    const again = { order_id: idOf(key), run_id: market.runId, book: 'paper', state: 'CANCELLED' as const, reason: null }
    const input = { ...again, market_time: market.time }
    await sendUpdate(exchange.client, { workflowId: executionLedgerId('paper'), update: releaseUpdate, input, updateId: 'again' })
    expect(await market.balances()).toMatchObject({ USD: { posted: '1000000', held: '0' } })
    await eventually(async () => void (await market.check()))
  })
})
