import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import type { FlattenResult } from '@trader/core/contract/flatten'
import { loadConfig } from '@trader/server/config'
import { findRun } from '@trader/server/database/queries/find-run'
import { getTradingFlag } from '@trader/server/database/queries/trading-flag'
import { cancelOrder } from '@trader/server/mcp/tools/cancel-order'
import { flattenPositions } from '@trader/server/mcp/tools/flatten-positions'
import { setFlag } from '@trader/server/trading/set-flag'
import { haltTrading } from '@trader/server/mcp/tools/halt-trading'
import { placeMockOrder } from '@trader/server/mcp/tools/place-mock-order'
import { Refusal, type ToolContext } from '@trader/server/mcp/tool'
import { sendUpdate } from '@trader/server/workflow-update'
import { ledgerStateQuery, orderQuery, setTradingFlagUpdate, venueReportUpdate } from '@trader/workflows/messages'
import { executionAgentId, executionLedgerId } from '@trader/workflows/names'
import { eventually, Exchange, idOf, Market, product } from './orders.ts'

let exchange: Exchange
let market: Market
/** What the ledger was last asked to hold for an exit. */
let triggered: object = {}
/** Keeps the execution agent from copying its flag, as a Postgres that is away does. */
let isFlagKept = false

beforeAll(async () => {
  exchange = await Exchange.start(inject('postgresUrl'))
  await exchange.startWorker((activities) => ({
    ...activities,
    postTriggeredReserve: async (input: Parameters<typeof activities.postTriggeredReserve>[0]) => {
      triggered = input
      return activities.postTriggeredReserve(input)
    },
    storeTradingFlag: async (input: Parameters<typeof activities.storeTradingFlag>[0]) => {
      if (isFlagKept) throw new Error('Postgres is away')
      return activities.storeTradingFlag(input)
    },
  }))
})
afterAll(() => exchange.stop())
beforeEach(async () => {
  isFlagKept = false
  market = await Market.open(exchange, { products: [product, 'ETH-USD'] })
  await market.tick()
})
afterEach(() => market.check())

function tools(): ToolContext {
  return {
    pool: exchange.pool,
    temporal: exchange.client,
    taskQueue: exchange.taskQueue,
    config: loadConfig({ env: {} }),
    principal: { name: 'test', scope: 'trade' },
    correlationId: 'test',
    run: async () => {
      const run = await findRun(exchange.pool, market.runId)
      if (run === null) throw new Error(`no run ${market.runId}`)
      return run
    },
    now: () => market.time,
  }
}
const cancel = (orderId: string) => cancelOrder.call(tools(), { order_id: orderId, reason: 'test' })
const stateOf = async (id: string) => (await market.order(id)).state
const workflowOf = async (id: string) => exchange.client.workflow.getHandle((await market.order(id)).workflow_id)
const rest = (change = {}) => market.buy({ type: 'limit', quantity: '4', limit_price: '98', ...change })

describe('cancelling', () => {
  it('ends a resting order, returns its hold and ends its workflow', async () => {
    const id = await rest()
    expect(await cancel(id)).toMatchObject({ cancelled: true, order: { state: 'CANCELLED', state_reason: 'test' } })
    expect(await market.heldOf('USD')).toBe('0')
    expect(await market.ended(id)).toMatchObject({ state: 'CANCELLED', state_reason: 'test' })
    await market.tick({ bid: '97' })
    expect(await market.fills(id)).toEqual([])
  })

  it('keeps what was filled', async () => {
    const id = await rest()
    await market.tick()
    await market.tick({ bid: '97', volume: '10' })
    expect(await cancel(id)).toMatchObject({ cancelled: true, order: { state: 'CANCELLED', filled_quantity: '1' } })
    expect(await market.balances()).toMatchObject({ BTC: { posted: '1' }, USD: { held: '0' } })
  })

  it('of an entry that never filled leaves no trace: the same one may follow at once', async () => {
    const id = await rest()
    await cancel(id)
    await market.tick({ after: 1000 })
    const again = await rest()
    expect(await stateOf(again)).toBe('WORKING')
    // This one may yet fill, so it does count.
    const result = await market.place([{ type: 'limit', quantity: '4', limit_price: '97' }])
    expect(result.ok ? [] : result.reasons.map(({ reason }) => reason)).toEqual(['DUPLICATE_INTENT', 'COOL_DOWN'])
  })

  it('comes too late for an order that is filled', async () => {
    const id = await market.buy({ quantity: '4' })
    await market.tick()
    expect(await cancel(id)).toMatchObject({ cancelled: false, order: { state: 'FILLED' } })
  })

  it('twice is cancelling once, at the same time or one after the other', async () => {
    const id = await rest()
    const answers = await Promise.all([cancel(id), cancel(id)])
    expect(answers).toMatchObject([{ order: { state: 'CANCELLED' } }, { order: { state: 'CANCELLED' } }])
    expect(await cancel(id)).toMatchObject({ cancelled: false, order: { state: 'CANCELLED' } })
    expect((await market.events('order_updated')).filter(({ payload }) => payload['state'] === 'CANCELLED')).toHaveLength(1)
  })

  it('books the fills that the venue has reported and nobody has settled yet', async () => {
    const id = await rest()
    await market.tick()
    const ticks = await market.show([{ bid: '97', volume: '10' }])
    await market.match(ticks, async () => undefined)
    expect(await market.fills(id)).toEqual([])

    expect(await cancel(id)).toMatchObject({ cancelled: true, order: { state: 'CANCELLED', filled_quantity: '1' } })
    await market.match(ticks)
    expect(await market.fills(id)).toHaveLength(1)
  })

  it('answers FILLED when the last fill was on its way', async () => {
    const id = await rest()
    await market.tick()
    await market.match(await market.show([{ bid: '97' }]), async () => undefined)
    expect(await cancel(id)).toMatchObject({ cancelled: false, order: { state: 'FILLED', filled_quantity: '4' } })
    await market.match([])
  })
})

describe('an order whose workflow was ended from outside', () => {
  it('loses no fill: its next report starts the workflow again, which settles every report', async () => {
    const id = await rest({ stop_price: '90' })
    await market.tick()
    await market.tick({ bid: '97', volume: '10' })
    await (await workflowOf(id)).terminate('test')
    await market.tick({ bid: '97', volume: '20' })
    expect(await market.order(id)).toMatchObject({ state: 'PARTIAL', filled_quantity: '3' })
    expect(await (await workflowOf(id)).query(orderQuery)).toMatchObject({ state: 'PARTIAL', filled_quantity: '3' })
    await market.tick({ bid: '97' })
    expect(await market.ended(id)).toMatchObject({ state: 'FILLED', filled_quantity: '4' })
    expect(await market.fills(id)).toHaveLength(3)
    expect(await market.exitsOf(id)).toMatchObject([{ state: 'ARMED', quantity: '4' }])
  })

  it('can be cancelled, and so can an armed stop', async () => {
    const id = await market.buy({ quantity: '4', stop_price: '90' })
    await market.tick()
    const stop = await market.exitOf(id, 'stop')
    await (await workflowOf(stop)).terminate('test')
    expect(await cancel(stop)).toMatchObject({ cancelled: true, order: { state: 'CANCELLED' } })
    await market.tick({ bid: '89' })
    expect(await market.quantity()).toBe('4')
  })

  it('sells by a stop that wakes without it', async () => {
    const id = await market.buy({ quantity: '4', stop_price: '95', take_profit: '120' })
    await market.tick()
    const [stop, takeProfit] = [await market.exitOf(id, 'stop'), await market.exitOf(id, 'take_profit')]
    await (await workflowOf(stop)).terminate('test')
    await (await workflowOf(takeProfit)).terminate('test')
    await market.tick({ bid: '94' })
    await market.tick({ bid: '94', volume: '10' })
    await (await workflowOf(stop)).terminate('test')
    await market.tick({ bid: '94' })
    expect(await market.ended(stop)).toMatchObject({ state: 'FILLED', filled_quantity: '4' })
    expect(await stateOf(takeProfit)).toBe('CANCELLED')
    expect(await market.quantity()).toBe('0')
  })
})

describe('a pause', () => {
  it('refuses entries and lets exits pass, stops included', async () => {
    const id = await market.buy({ quantity: '4', stop_price: '95' })
    await market.tick()
    await market.setFlag('paused')
    expect(await market.place([{ quantity: '2' }])).toMatchObject({ ok: false, reason: 'TRADING_PAUSED' })
    await market.sell({ quantity: '1' })
    await market.tick({ bid: '94' })
    await market.tick({ bid: '94' })
    expect(await market.order(await market.exitOf(id, 'stop'))).toMatchObject({ state: 'FILLED', filled_quantity: '3' })
  })

  it('stops an entry that was reserved but not yet sent, and returns its hold', async () => {
    const key = market.nextKey()
    await exchange.pool.query(`create function pause_now() returns trigger language plpgsql as $$ begin
      update trading_flag set state = 'paused' where book = 'paper'; return null; end $$`)
    await exchange.pool.query('create trigger pause_now after insert on intent for each row execute function pause_now()')
    try {
      await market.place([{ quantity: '2' }], key, { isSent: false })
    } finally {
      await exchange.pool.query('drop trigger pause_now on intent; drop function pause_now()')
    }
    await eventually(async () => expect(await stateOf(idOf(key))).toBe('ABORTED'))
    expect(await market.order(idOf(key))).toMatchObject({ state_reason: expect.stringContaining('while trading is paused') })
    expect(await market.heldOf('USD')).toBe('0')
  })
})

describe('a halt', () => {
  it('refuses every order and cancels the open ones, stops included; it sells nothing', async () => {
    const entry = await market.buy({ quantity: '4', stop_price: '95' })
    await market.tick()
    const stop = await market.exitOf(entry, 'stop')
    const resting = await rest()
    const answer = await haltTrading.call(tools(), { reason: 'test' })
    expect(answer).toMatchObject({ state: 'halted', failed_orders: [] })
    expect(answer).toHaveProperty('cancelled_orders', expect.arrayContaining([stop, resting]))
    expect([await stateOf(stop), await stateOf(resting)]).toEqual(['CANCELLED', 'CANCELLED'])
    expect(await market.heldOf('USD')).toBe('0')
    expect(await market.place([{ quantity: '2' }])).toMatchObject({ ok: false, reason: 'TRADING_HALTED' })
    expect(await market.place([{ side: 'SELL', quantity: '2' }])).toMatchObject({ ok: false, reason: 'TRADING_HALTED' })
    await market.tick({ bid: '94' })
    await market.tick({ bid: '94' })
    expect(await market.quantity()).toBe('4')
  })

  it('that could not cancel when it was asked for does so before the next tick is matched', async () => {
    const resting = await rest()
    await market.setFlag('halted')
    await market.feed({ bid: '1', ask: '1.1' })
    expect(await stateOf(resting)).toBe('CANCELLED')
    expect(await market.quantity()).toBe('0')
    expect(await market.heldOf('USD')).toBe('0')
  })

  it('is not loosened by a pause, only by a resume', async () => {
    await market.setFlag('halted')
    const change = { book: market.book, reason: 'test', by: 'test', marketTime: market.time }
    const services = { temporal: null, database: exchange.pool }
    expect(await setFlag(services, { ...change, state: 'paused' })).toMatchObject({ state: 'halted' })
    expect(await setFlag(services, { ...change, state: 'active' })).toMatchObject({ state: 'active', previous: 'halted' })
  })

  it('that the execution agent has taken while Postgres was away is there before the next reserve', async () => {
    const agent = { workflowId: executionAgentId, taskQueue: exchange.taskQueue, args: [{ book: 'paper' }] }
    const handle = await exchange.client.workflow.start('ExecutionAgentWorkflow', agent)
    try {
      isFlagKept = true
      const input = { flag: 'halted' as const, reason: 'test', by: 'test' }
      const update = { workflowId: executionAgentId, update: setTradingFlagUpdate, input, updateId: 'halt' }
      expect(await sendUpdate(exchange.client, update)).toMatchObject({ status: 'kept' })
      expect(await getTradingFlag(exchange.pool, 'paper')).toMatchObject({ state: 'active' })
      expect(await market.place([{ quantity: '2' }])).toMatchObject({ ok: false, reason: 'TRADING_HALTED' })
      expect(await getTradingFlag(exchange.pool, 'paper')).toMatchObject({ state: 'halted', who: 'test' })
    } finally {
      await handle.terminate('test')
    }
  })
})

describe('flattening', () => {
  const both = async (): Promise<void> => {
    await market.tick({ product: 'ETH-USD', bid: '10', ask: '10', after: 0 })
    await market.buy({ quantity: '4', stop_price: '90' })
    await market.buy({ product: 'ETH-USD', quantity: '50' })
    await market.tick()
    await market.tick({ product: 'ETH-USD', bid: '10', ask: '10', after: 0 })
  }
  /** Flattens while the market moves on by what `ticks` does, and answers the report. */
  const flatten = async (ticks: () => Promise<void>): Promise<FlattenResult> => {
    const sales = async () => (await market.orders()).filter(({ origin, state }) => origin.startsWith('flatten-') && state === 'WORKING')
    const before = (await sales()).length
    const flattened = flattenPositions.call(tools(), { wait_ms: 15_000, reason: 'test', idempotency_key: market.nextKey() })
    await eventually(async () => expect((await sales()).length).toBeGreaterThan(before))
    await ticks()
    return (await flattened) as FlattenResult // no run of these tests is finished, so it is no refusal
  }

  it('pauses, cancels what is open, sells every position at market and says what it brought', async () => {
    await both()
    const resting = await rest({ quantity: '2', limit_price: '97' })
    const result = await flatten(async () => {
      await eventually(async () =>
        expect((await market.orders()).filter(({ side, state }) => side === 'SELL' && state === 'WORKING')).toHaveLength(2),
      )
      await market.tick({ bid: '100' })
      await market.tick({ product: 'ETH-USD', bid: '10', ask: '10', after: 0 })
    })
    expect(result.cancelled_orders).toHaveLength(2)
    expect(await stateOf(resting)).toBe('CANCELLED')
    // 4 at 99.998 less 2.399952; 50 at 10 less 10 bps x sqrt(500 / 1,000,000), rounded down, less 60 bps.
    expect(result.positions).toMatchObject([
      { product, quantity: '4', sold: '4', remaining: '0', proceeds: '397.592048', problem: null },
      { product: 'ETH-USD', quantity: '50', sold: '50', remaining: '0', problem: null },
    ])
    expect(await getTradingFlag(exchange.pool, 'paper')).toMatchObject({ state: 'paused', reason: 'flatten: test' })
    expect([await market.quantity(), await market.quantity('ETH-USD')]).toEqual(['0', '0'])
    expect(await market.place([{ quantity: '1' }])).toMatchObject({ ok: false, reason: 'TRADING_PAUSED' })
  })

  it('leaves nothing that an entry could repeat: only the time since the last entry counts', async () => {
    await market.buy({ quantity: '4' })
    await market.tick({ after: 1000 })
    await flatten(() => market.tick({ after: 1000 }).then(() => undefined))
    await market.setFlag('active')
    const result = await market.place([{ quantity: '4' }])
    expect(result.ok ? [] : result.reasons).toEqual([
      { reason: 'COOL_DOWN', detail: '2 s since the last entry into BTC-USD; wait 60 s (limits)' },
    ])
    expect(await market.blocks()).toMatchObject([{ reason: 'COOL_DOWN', reasons: [{ reason: 'COOL_DOWN' }] }])
    await market.tick({ after: 59_000 })
    expect(await market.place([{ quantity: '4' }])).toMatchObject({ ok: true })
  })

  it('sells what it can where one price is stale or has no volume, and reports what remains', async () => {
    await both()
    for (let waited = 0; waited < 3; waited += 1) await market.tick()
    const result = await flatten(() => market.tick({ volume: '10' }).then(() => undefined))
    expect(result.positions).toMatchObject([
      { product, sold: '1', remaining: '3', problem: 'IOC: 3 of 4 did not fill at the first tick' },
      { product: 'ETH-USD', sold: '0', remaining: '50', problem: expect.stringContaining('is 180.001 s old') },
    ])
    expect(await market.blocks()).toMatchObject([{ reason: 'STALE_MARKET_DATA', request: { product: 'ETH-USD', side: 'SELL' } }])
  })
})

describe('an idempotency key', () => {
  const place = (key: string, qty: string) =>
    placeMockOrder.call(tools(), { orders: [{ product, side: 'BUY', qty }], idempotency_key: key, wait_ms: 0 })

  const placed = <Answer extends object>(answer: Answer | Refusal): Answer => {
    if (answer instanceof Refusal) throw new Error(`${answer.code}: ${answer.message}`)
    return answer
  }

  it('used twice places one order, at the same time or one after the other, and for another order it is refused', async () => {
    const key = market.nextKey()
    const [first, second] = await Promise.all([place(key, '2'), place(key, '2')])
    expect(first).toMatchObject({ order_count: 1, orders: [{ order_id: idOf(key) }] })
    const answers = [first, second].toSorted((a, b) => Number('replayed' in a && a['replayed']) - Number('replayed' in b && b['replayed']))
    expect(answers).toMatchObject([{ replayed: false }, { replayed: true, first_called_at: expect.any(Number) }])
    expect(second).toMatchObject({ ...placed(first), replayed: expect.anything(), first_called_at: expect.anything() })
    expect(await place(key, '3')).toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' })
    await market.tick()
    expect(await place(key, '2')).toMatchObject({ ...placed(first), replayed: true, first_called_at: expect.anything() })
    expect(await market.orders()).toHaveLength(1)
    expect(await market.quantity()).toBe('2')
  })

  it('of a refusal answers the same refusal, and says that it is a recorded one, and of when', async () => {
    const key = market.nextKey()
    const asked = market.time
    const refused = await place(key, '1000')
    expect(refused).toMatchObject({
      code: 'INSUFFICIENT_CASH',
      details: { reasons: expect.arrayContaining([{ reason: 'MAX_CONCENTRATION', detail: expect.anything() }]) },
    })
    expect(refused).not.toHaveProperty('details.replayed')
    await market.tick()
    const again = await place(key, '1000')
    expect(again).toMatchObject({ code: 'INSUFFICIENT_CASH', details: { replayed: true, first_called_at: expect.any(Number) } })
    const { message = '', details } = again instanceof Refusal ? again : {}
    expect(message).toMatch(
      new RegExp(`this is the recorded answer to key ${key}, first used at 20.*Z: nothing was asked again; a new attempt needs a new key`),
    )
    expect(Number(details?.['first_called_at'])).toBe(asked)
    expect(await market.blocks()).toHaveLength(1)
  })

  it('of a flatten answers its report again, and in another run is refused', async () => {
    const key = market.nextKey()
    const first = await flattenPositions.call(tools(), { idempotency_key: key })
    expect(first).toMatchObject({ replayed: false, positions: [] })
    expect(await flattenPositions.call(tools(), { idempotency_key: key })).toMatchObject({
      ...placed(first),
      replayed: true,
      first_called_at: expect.anything(),
    })
    market = await Market.open(exchange, { products: [product, 'ETH-USD'] })
    await market.tick()
    expect(await flattenPositions.call(tools(), { idempotency_key: key })).toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' })
  })

  it('makes the same order when the workflow that places it starts over', async () => {
    const key = market.nextKey()
    await market.place([{ quantity: '2' }], key)
    expect(await market.place([{ quantity: '2' }], key)).toMatchObject({ ok: false })
    await market.tick()
    expect((await market.orders()).map(({ order_id }) => order_id)).toEqual([idOf(key)])
    expect(await market.quantity()).toBe('2')
  })
})

describe('a message that makes no sense', () => {
  const nonsense: readonly unknown[] = [
    undefined,
    null,
    7,
    'x',
    [],
    {},
    { order_id: 'x' },
    { reason: 1, market_time: -1 },
    'x'.repeat(100_000),
  ]

  it('is refused by an order and by the ledger, and neither is wedged', async () => {
    const id = await rest()
    const order = await workflowOf(id)
    const ledger = exchange.client.workflow.getHandle(executionLedgerId('paper'))
    const toOrder = ['venue_report', 'cancel', 'no_such_update']
    const toLedger = ['reserve', 'reserve_triggered', 'record_fill', 'release', 'set_scrape_fraction', 'open_run', 'no_such_update']
    for (const input of nonsense) {
      for (const name of toOrder) await expect(order.executeUpdate(name, { args: [input] }), name).rejects.toThrow()
      for (const name of toLedger) await expect(ledger.executeUpdate(name, { args: [input] }), name).rejects.toThrow()
    }
    await order.signal('no_such_signal', nonsense)
    await ledger.signal('no_such_signal', nonsense)
    expect(await ledger.query(ledgerStateQuery)).toMatchObject({ run_id: market.runId })
    await market.tick()
    await market.tick({ bid: '97' })
    expect(await market.ended(id)).toMatchObject({ state: 'FILLED' })
  })

  it('but for what it leaves out is handled as its schema completes it', async () => {
    const id = await market.buy({ quantity: '4', stop_price: '95' })
    await market.tick()
    const order_id = await market.exitOf(id, 'stop')
    const input = { order_id, run_id: market.runId, book: 'paper', market_time: market.time }
    const ledger = exchange.client.workflow.getHandle(executionLedgerId('paper'))
    expect(await ledger.executeUpdate('reserve_triggered', { args: [input] })).toMatchObject({ ok: true })
    expect(triggered).toEqual({ ...input, attempt: 1 })
    await market.tick({ bid: '94' })
    await market.tick({ bid: '94' })
    expect(await market.quantity()).toBe('0')
  })

  it('such as a fill of more than was ordered fails alone', async () => {
    const id = await rest()
    const at = market.time + 1
    const fill = {
      fill_id: id,
      order_id: id,
      trade_id: '1',
      product,
      side: 'BUY' as const,
      quantity: '5',
      price: '98',
      notional: '490',
      fee: '0',
      liquidity: 'maker' as const,
      market_time: at,
    }
    const report = { order_id: id, seq: 1, market_time: at, triggered: false, fills: [fill], state: 'PARTIAL' as const, reason: null }
    const { workflow_id: workflowId } = await market.order(id)
    await expect(sendUpdate(exchange.client, { workflowId, update: venueReportUpdate, input: report, updateId: 'bad' })).rejects.toThrow()
    await market.tick()
    await market.tick({ bid: '97' })
    expect(await market.ended(id)).toMatchObject({ state: 'FILLED', filled_quantity: '4' })
  })
})
