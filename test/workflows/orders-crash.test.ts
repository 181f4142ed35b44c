import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { OrderState } from '@trader/core/contract/order'
import { executionLedgerId } from '@trader/workflows/names'
import { cancelOrder } from '@trader/server/trading/cancel-order'
import { sendUpdate } from '@trader/server/workflow-update'
import { releaseUpdate } from '@trader/workflows/messages'
import { eventually, Exchange, idOf, Market, workflowIdOf } from './orders.ts'

/** Events after which every workflow goes on as a new run: every few updates, so that each story crosses that change. */
const suggestNewRunAfter = 60
const script = new URL('../support/order-worker.ts', import.meta.url).pathname

let exchange: Exchange
let folder: string
/** What the story comes to where nothing goes wrong. */
let reference: Outcome

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'orders-'))
  exchange = await Exchange.start(inject('postgresUrl'), { suggestNewRunAfter })
  await exchange.startWorker()
  reference = await story(await Market.open(exchange))
})
afterAll(async () => {
  await exchange.stop()
  await rm(folder, { recursive: true })
})

/** Everything that a story leaves behind, without ids and times. */
interface Outcome {
  readonly orders: readonly string[]
  readonly fills: readonly string[]
  readonly balances: unknown
  readonly position: string
  readonly holds: readonly string[]
}

async function outcomeOf(market: Market): Promise<Outcome> {
  const orders = await market.orders()
  const fills = await market.fills()
  const { rows } = await exchange.pool.query<{ hold: string }>(
    `select hold.state || ' ' || as_text(amount) as hold from hold join orders using (order_id) where run_id = $1 order by hold_id`,
    [market.runId],
  )
  return {
    orders: orders
      .map(({ side, type, quantity, filled_quantity, state }) => `${side} ${type} ${filled_quantity} of ${quantity} ${state}`)
      .toSorted(),
    fills: fills.map(({ side, quantity, price, fee, scraped }) => `${side} ${quantity} at ${price}, fee ${fee}, scraped ${scraped}`),
    balances: await market.balances(),
    position: await market.quantity(),
    holds: rows.map(({ hold }) => hold),
  }
}

/** A resting entry with both exits fills in two ticks, another is cancelled, a part is sold, and the take-profit takes back a resting sale and sells the rest in two ticks. */
async function story(market: Market): Promise<Outcome> {
  await market.tick()
  const entry = await market.buy({ type: 'limit', limit_price: '98', quantity: '4', stop_price: '90', take_profit: '110' })
  await market.tick()
  await market.tick({ bid: '97', volume: '30' })
  await market.tick({ bid: '97', volume: '10' })
  await ended(market, entry, 'FILLED')
  const [stop, takeProfit] = [await market.exitOf(entry, 'stop'), await market.exitOf(entry, 'take_profit')]
  const other = await market.buy({ type: 'limit', limit_price: '80', quantity: '2' })
  const request = { order: await market.order(other), reason: 'test', marketTime: market.time }
  await cancelOrder({ temporal: exchange.client, database: exchange.pool }, request)
  await ended(market, other, 'CANCELLED')
  const part = await market.sell({ type: 'limit', limit_price: '105', quantity: '1' })
  await market.tick({ bid: '104' })
  await market.tick({ bid: '106' })
  await ended(market, part, 'FILLED')
  const resting = await market.sell({ type: 'limit', limit_price: '120', quantity: '1', time_in_force: 'GTC' })
  await market.tick({ bid: '111' })
  await market.tick({ bid: '111', volume: '20' })
  await market.tick({ bid: '111', volume: '20' })
  await ended(market, takeProfit, 'FILLED')
  await ended(market, stop, 'CANCELLED')
  await ended(market, resting, 'CANCELLED')
  await market.tick({ bid: '121' })
  await market.check()
  return outcomeOf(market)
}

async function ended(market: Market, id: string, state: OrderState): Promise<void> {
  expect(await market.ended(id)).toMatchObject({ state })
}

const undisturbed = {
  orders: [
    'BUY limit 0 of 2 CANCELLED',
    'BUY limit 4 of 4 FILLED',
    'SELL limit 0 of 1 CANCELLED',
    'SELL limit 1 of 1 FILLED',
    'SELL stop 0 of 4 CANCELLED',
    'SELL take_profit 3 of 3 FILLED',
  ],
  position: '0',
}

describe('the undisturbed story', () => {
  it('ends as expected, over many runs of the ledger workflow', async () => {
    expect(reference).toMatchObject(undisturbed)
    const ledger = await exchange.client.workflow.getHandle(executionLedgerId('paper')).describe()
    expect(ledger.runId).not.toBe(await firstRunOf(executionLedgerId('paper')))
  })
})

async function firstRunOf(workflowId: string): Promise<string> {
  const runs: { runId: string; startTime: Date }[] = []
  for await (const { runId, startTime } of exchange.client.workflow.list({ query: `WorkflowId = '${workflowId}'` }))
    runs.push({ runId, startTime })
  return runs.toSorted((a, b) => a.startTime.getTime() - b.startTime.getTime())[0]?.runId ?? ''
}

describe('a worker that is killed', () => {
  const points = [
    'after:postReserve',
    'after:submitPaperOrder',
    'before:postFill',
    'after:postFill',
    'after:postRelease',
    'after:makeRoomForExit',
    'after:postTriggeredReserve',
    'after:cancelPaperOrder',
  ]

  it.concurrent.each(points)(
    '%s leaves what an undisturbed one does',
    async (point) => {
      const place = points.indexOf(point) + 1
      const taskQueue = `killed-${place}`
      const marker = join(folder, taskQueue)
      const worker = new KilledWorker([exchange.temporal.address, exchange.databaseUrl, taskQueue, point, marker])
      try {
        await worker.start()
        const market = await Market.open(exchange, { book: `shadow:${place}`, taskQueue })
        const outcome = await story(market)
        expect(worker.kills, 'kills').toBe(1)
        const reference = await Market.open(exchange, { book: `shadow:${place + 100}` })
        expect(outcome).toEqual(await story(reference))
      } finally {
        await worker.stop()
      }
    },
    240_000,
  )
})

/** A worker process that is started again whenever it was killed. */
class KilledWorker {
  readonly #args: string[]
  #child: ChildProcess | null = null
  #isStopped = false
  kills = 0

  constructor(args: string[]) {
    this.#args = args
  }

  async start(): Promise<void> {
    const child = fork(script, this.#args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    this.#child = child
    child.once('exit', () => {
      if (this.#isStopped) return
      this.kills += 1
      void this.start()
    })
    await once(child, 'message')
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    const child = this.#child
    if (child === null || child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
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
    const second = new KilledWorker([exchange.temporal.address, exchange.databaseUrl, exchange.taskQueue, 'never', ''])
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
