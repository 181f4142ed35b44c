import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { reserveResult as reserveResultShape } from '@trader/core/contract/ledger-messages'
import { wallet as walletShape } from '@trader/core/contract/wallet'
import { run as runShape } from '@trader/core/contract/run'
import type { Order } from '@trader/core/contract/order'
import type { Wallet } from '@trader/core/contract/wallet'
import { withTransaction, type Pool } from '@trader/server/database/pool'
import { findRun } from '@trader/server/database/queries/find-run'
import { finishRun } from '@trader/server/database/queries/finish-run'
import { getBalances } from '@trader/server/database/queries/get-balances'
import { ledgerCheck } from '@trader/server/database/queries/ledger-check'
import { findOrder, listOrders } from '@trader/server/database/queries/list-orders'
import { listWallets } from '@trader/server/database/queries/list-wallets'
import { openOrders } from '@trader/server/database/queries/open-orders'
import { openRun } from '@trader/server/database/queries/open-run'
import { moveOrder } from '@trader/server/database/queries/move-order'
import { recordFill } from '@trader/server/database/queries/record-fill'
import { releaseOrder } from '@trader/server/database/queries/release-order'
import { reserveArmed } from '@trader/server/database/queries/reserve-armed'
import { reserveOrders } from '@trader/server/database/queries/reserve-orders'
import { saveCursor } from '@trader/server/database/queries/save-cursor'
import { listWalletAudit, setTradeableFraction } from '@trader/server/database/queries/set-tradeable-fraction'
import { getTradingFlag, listTradingFlagChanges, setTradingFlag } from '@trader/server/database/queries/trading-flag'
import { createDatabase } from '../support/postgres.ts'
import { batch, marketTime, newOrder, newRun, posting, sendOrder, toReserve } from './book.ts'

let pool: Pool
beforeAll(async () => {
  pool = (await createDatabase(inject('postgresUrl'))).pool
})
afterAll(async () => {
  const check = await withTransaction(pool, ledgerCheck, { isolation: 'repeatable read' })
  await pool.end()
  expect(check.problems).toEqual([])
})

const walletOf = async (runId: string, asset: string): Promise<Wallet> => {
  const wallet = (await listWallets(pool, { runId })).find((each) => each.asset === asset)
  if (wallet === undefined) throw new Error(`no wallet of ${asset}`)
  return wallet
}

/** Buys, at the given price and without a fee, so that the run holds base currency. */
async function buy(runId: string, origin: string, quantity: string, price: string): Promise<Order> {
  const order = newOrder(runId, { origin, quantity })
  const hold = String(Number(quantity) * Number(price))
  expect(await reserveOrders(pool, batch(runId, origin, [toReserve(order, hold)]))).toMatchObject({ ok: true })
  await sendOrder(pool, order)
  expect(await recordFill(pool, posting({ order, quantity, price, fee: '0' }))).toMatchObject({ status: 'posted' })
  return order
}

describe('a run', () => {
  it('opens with its wallets and starting cash, is resumed by the same identity and ends once', async () => {
    const identity = { market: 'replay' as const, file_hashes: ['c'.repeat(64)], products: ['BTC-USD', 'ETH-USD'], seed: 7, book: 'paper' }
    const request = { run_id: 'run-a', identity, starting_cash: '10000', market_time: marketTime }
    const first = await openRun(pool, request)
    expect(first).toMatchObject({ resumed: false, run: { run_id: 'run-a', status: 'open', cursor: null } })
    expect(() => runShape.parse(first.run)).not.toThrow()
    expect(await openRun(pool, { ...request, run_id: 'run-b' })).toEqual({ resumed: true, run: first.run })
    const wallets = await listWallets(pool, { runId: 'run-a' })
    expect(
      wallets.map((wallet) => walletShape.parse(wallet)).map(({ asset, available, tradeable }) => [asset, available, tradeable]),
    ).toEqual([
      ['BTC', '0', '0'],
      ['ETH', '0', '0'],
      ['USD', '10000', '10000'],
    ])
    await saveCursor(pool, { runId: 'run-a', cursor: 50 })
    await saveCursor(pool, { runId: 'run-a', cursor: 20 })
    expect((await findRun(pool, 'run-a'))?.cursor).toBe(50)
    expect(await finishRun(pool, { run_id: 'run-a', market_time: marketTime })).toMatchObject({ status: 'finished' })
    expect(await finishRun(pool, { run_id: 'run-a', market_time: marketTime })).toMatchObject({ status: 'finished' })
    expect(await openRun(pool, { ...request, run_id: 'run-b' })).toMatchObject({ resumed: false, run: { run_id: 'run-b' } })
    const late = newOrder('run-a', { origin: 'late' })
    expect(await reserveOrders(pool, batch('run-a', 'late', [toReserve(late)]))).toMatchObject({ ok: false, reason: 'INVALID_ORDER' })
  })

  it('in live mode invents no money and lets none be traded at first', async () => {
    const runId = await newRun(pool, { book: 'live' })
    const wallets = await listWallets(pool, { runId })
    expect(wallets.map(({ run_id, posted, tradeable_fraction }) => [run_id, posted, tradeable_fraction])).toEqual([
      [null, '0', 0],
      [null, '0', 0],
    ])
  })
})

describe('reserving', () => {
  it('holds the money of a batch and answers a repeated call with the present', async () => {
    const runId = await newRun(pool)
    const orders = [newOrder(runId, { origin: 'a' }), newOrder(runId, { origin: 'b' })]
    const request = batch(
      runId,
      'both',
      orders.map((order) => toReserve(order, '600.5')),
    )
    const first = await reserveOrders(pool, request)
    expect(() => reserveResultShape.parse(first)).not.toThrow()
    expect(first).toMatchObject({
      ok: true,
      orders: [{ state: 'RESERVED' }, { state: 'RESERVED' }],
      balances: { USD: { posted: '10000', held: '1201' } },
    })
    await sendOrder(pool, orders[0] ?? expect.fail())
    expect(await reserveOrders(pool, request)).toMatchObject({ ok: true, orders: [{ state: 'WORKING' }, { state: 'RESERVED' }] })
    expect((await openOrders(pool, { runId })).map((order) => order.origin)).toEqual(['a', 'b'])
    expect(await listOrders(pool, { runId, states: ['WORKING'] })).toHaveLength(1)
  })

  it('refuses another body under the same key and writes nothing', async () => {
    const runId = await newRun(pool)
    const order = newOrder(runId, { origin: 'a' })
    await reserveOrders(pool, batch(runId, 'same', [toReserve(order, '600')]))
    expect(await reserveOrders(pool, batch(runId, 'same', [toReserve(order, '601')]))).toMatchObject({
      ok: false,
      reason: 'IDEMPOTENCY_CONFLICT',
    })
    expect(await reserveOrders(pool, batch(runId, 'other', [toReserve(order, '600')]))).toMatchObject({
      ok: false,
      reason: 'IDEMPOTENCY_CONFLICT',
      index: 0,
    })
    expect((await getBalances(pool, runId)).USD?.held).toBe('600')
  })

  it('takes all of a batch or nothing, and names the order that failed', async () => {
    const runId = await newRun(pool)
    const orders = ['a', 'b', 'c'].map((origin) => toReserve(newOrder(runId, { origin }), '4000'))
    expect(await reserveOrders(pool, batch(runId, 'big', orders))).toMatchObject({ ok: false, reason: 'INSUFFICIENT_CASH', index: 2 })
    expect((await getBalances(pool, runId)).USD?.held).toBe('0')
    expect(await openOrders(pool, { runId })).toEqual([])
    expect(await reserveOrders(pool, batch(runId, 'big', orders.slice(0, 2)))).toMatchObject({ ok: true })
  })

  it('refuses to sell what is not there, and products of another run', async () => {
    const runId = await newRun(pool)
    const sell = newOrder(runId, { origin: 'a', side: 'SELL' })
    expect(await reserveOrders(pool, batch(runId, 'sell', [toReserve(sell)]))).toMatchObject({
      ok: false,
      reason: 'INSUFFICIENT_HOLDINGS',
      index: 0,
    })
    const doge = newOrder(runId, { origin: 'b', product: 'ETH-USD' })
    await expect(reserveOrders(pool, batch(runId, 'eth', [toReserve({ ...doge, side: 'SELL' })]))).rejects.toThrow(
      /no available account of ETH/,
    )
    expect(await reserveOrders(pool, batch(runId, 'eth', [toReserve(doge)]))).toMatchObject({ ok: false, reason: 'UNKNOWN_PRODUCT' })
  })

  it('stops new orders of a product while one of its orders is unresolved', async () => {
    const runId = await newRun(pool)
    const order = newOrder(runId, { origin: 'a' })
    await reserveOrders(pool, batch(runId, 'a', [toReserve(order)]))
    await moveOrder(pool, { order_id: order.order_id, from: 'RESERVED', to: 'SENT', market_time: marketTime })
    await moveOrder(pool, { order_id: order.order_id, from: 'SENT', to: 'UNKNOWN', market_time: marketTime })
    const next = toReserve(newOrder(runId, { origin: 'b' }))
    expect(await reserveOrders(pool, batch(runId, 'b', [next]))).toMatchObject({ ok: false, reason: 'UNRESOLVED_ORDER' })
  })
})

describe('the trading flag', () => {
  it('paused refuses entries and lets exits through; halted refuses everything; every change is kept', async () => {
    const runId = await newRun(pool)
    await buy(runId, 'holding', '0.01', '60000')
    const set = (state: 'active' | 'paused' | 'halted'): Promise<unknown> =>
      setTradingFlag(pool, { book: 'paper', state, who: 'owner', reason: `test ${state}`, market_time: marketTime })
    const entry = newOrder(runId, { origin: 'entry' })
    const exit = newOrder(runId, { origin: 'exit', side: 'SELL' })
    try {
      expect(await set('paused')).toMatchObject({ changed: true, flag: { state: 'paused', version: 1 } })
      expect(await set('paused')).toMatchObject({ changed: false })
      expect(await reserveOrders(pool, batch(runId, 'entry', [toReserve(entry)]))).toMatchObject({ ok: false, reason: 'TRADING_PAUSED' })
      expect(await reserveOrders(pool, batch(runId, 'exit', [toReserve(exit)]))).toMatchObject({ ok: true })
      await set('halted')
      const again = newOrder(runId, { origin: 'again', side: 'SELL' })
      expect(await reserveOrders(pool, batch(runId, 'again', [toReserve(again)]))).toMatchObject({ ok: false, reason: 'TRADING_HALTED' })
      const sent = await moveOrder(pool, { order_id: exit.order_id, from: 'RESERVED', to: 'SENT', market_time: marketTime })
      expect(sent).toMatchObject({ ok: false, reason: 'TRADING_HALTED', state: 'RESERVED' })
    } finally {
      await set('active')
    }
    expect(await getTradingFlag(pool, 'paper')).toMatchObject({ state: 'active', who: 'owner', version: 3 })
    expect((await listTradingFlagChanges(pool, 'paper')).map((change) => change.new_state)).toEqual(['active', 'halted', 'paused'])
    expect(await getTradingFlag(pool, 'shadow:9')).toMatchObject({ state: 'active', version: 0 })
  })

  it('a halt waits for a reserve under way, and the next reserve sees it', async () => {
    const runId = await newRun(pool)
    const client = await pool.connect()
    await client.query('begin')
    await reserveOrders(client, batch(runId, 'a', [toReserve(newOrder(runId, { origin: 'a' }))]))
    let halted = false
    const halt = setTradingFlag(pool, { book: 'paper', state: 'halted', who: 'owner', reason: 'race', market_time: marketTime }).then(
      () => (halted = true),
    )
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(halted).toBe(false)
    await client.query('commit')
    client.release()
    await halt
    const refused = await reserveOrders(pool, batch(runId, 'b', [toReserve(newOrder(runId, { origin: 'b' }))]))
    await setTradingFlag(pool, { book: 'paper', state: 'active', who: 'owner', reason: 'done', market_time: marketTime })
    expect(refused).toMatchObject({ ok: false, reason: 'TRADING_HALTED' })
  })
})

describe('the tradeable fraction', () => {
  it('limits reserves, is not refilled by spending, and every change says who and why', async () => {
    const runId = await newRun(pool)
    const { wallet_id } = await walletOf(runId, 'USD')
    const change = { idempotency_key: `${runId}-half`, wallet_id, fraction: 0.5, who: 'owner', reason: 'try half', market_time: marketTime }
    expect(await setTradeableFraction(pool, change)).toMatchObject({ tradeable: '5000', tradeable_fraction: 0.5 })
    const over = newOrder(runId, { origin: 'over' })
    expect(await reserveOrders(pool, batch(runId, 'over', [toReserve(over, '5000.01')]))).toMatchObject({
      ok: false,
      reason: 'TRADEABLE_FRACTION',
    })
    await buy(runId, 'spend', '0.05', '60000')
    // f x (posted + s) - s - held = 0.5 x (7000 + 3000) - 3000
    expect(await walletOf(runId, 'USD')).toMatchObject({ posted: '7000', tradeable: '2000' })
    expect(await setTradeableFraction(pool, change)).toMatchObject({ tradeable: '2000' })
    expect(await setTradeableFraction(pool, { ...change, idempotency_key: `${runId}-again` })).toMatchObject({ tradeable: '3500' })
    expect(await listWalletAudit(pool, wallet_id)).toMatchObject([
      { old_fraction: '0.5', new_fraction: '0.5' },
      { old_fraction: '1', new_fraction: '0.5', who: 'owner', reason: 'try half' },
    ])
    await expect(setTradeableFraction(pool, { ...change, fraction: 0.6 })).rejects.toThrow(/was used before/)
    await expect(setTradeableFraction(pool, { ...change, idempotency_key: `${runId}-bad`, fraction: 1.2 })).rejects.toThrow(
      /check constraint/,
    )
  })
})

describe('a stop and its take-profit', () => {
  const exits = async (runId: string, parent: Order, quantity: string): Promise<readonly [Order, Order]> => {
    const armed = { side: 'SELL' as const, state: 'ARMED' as const, quantity, parent_order_id: parent.order_id }
    const stop = newOrder(runId, { ...armed, origin: parent.origin, leg: 1, type: 'stop', stop_price: '55000' })
    const target = newOrder(runId, { ...armed, origin: parent.origin, leg: 2, type: 'take_profit', take_profit: '70000' })
    expect(await reserveOrders(pool, batch(runId, `${parent.origin}-exits`, [toReserve(stop), toReserve(target)]))).toMatchObject({
      ok: true,
    })
    return [stop, target]
  }

  it('hold nothing until one triggers; then the other is cancelled and cannot trigger', async () => {
    const runId = await newRun(pool)
    const entry = await buy(runId, 'entry', '0.01', '60000')
    const [stop, target] = await exits(runId, entry, '0.01')
    expect((await getBalances(pool, runId)).BTC?.held).toBe('0')
    const trigger = { run_id: runId, book: 'paper', market_time: marketTime, attempt: 1 }
    const reserved = await reserveArmed(pool, { ...trigger, order_id: stop.order_id })
    expect(reserved).toMatchObject({ ok: true, orders: [{ state: 'RESERVED', quantity: '0.01' }], balances: { BTC: { held: '0.01' } } })
    expect(await reserveArmed(pool, { ...trigger, order_id: stop.order_id })).toMatchObject({ ok: true })
    expect(await findOrder(pool, target.order_id)).toMatchObject({ state: 'CANCELLED' })
    expect(await reserveArmed(pool, { ...trigger, order_id: target.order_id })).toMatchObject({ ok: false, reason: 'DUPLICATE_INTENT' })
  })

  it('both triggered at once reserve once', async () => {
    const runId = await newRun(pool)
    const entry = await buy(runId, 'entry', '0.01', '60000')
    const both = await exits(runId, entry, '0.01')
    const results = await Promise.all(
      both.map((order) =>
        reserveArmed(pool, { run_id: runId, book: 'paper', order_id: order.order_id, market_time: marketTime, attempt: 1 }),
      ),
    )
    expect(results.filter((result) => result.ok)).toHaveLength(1)
    expect((await getBalances(pool, runId)).BTC?.held).toBe('0.01')
  })

  it('sells only what is left, and nothing where nothing is', async () => {
    const runId = await newRun(pool)
    const entry = await buy(runId, 'entry', '0.01', '60000')
    const [stop, target] = await exits(runId, entry, '0.01')
    const part = newOrder(runId, { origin: 'part', side: 'SELL', quantity: '0.004' })
    await reserveOrders(pool, batch(runId, 'part', [toReserve(part)]))
    const trigger = { run_id: runId, book: 'paper', market_time: marketTime, attempt: 1 }
    expect(await reserveArmed(pool, { ...trigger, order_id: stop.order_id })).toMatchObject({ ok: true, orders: [{ quantity: '0.006' }] })
    const late = await exits(runId, { ...entry, origin: 'late', order_id: target.order_id }, '0.01')
    expect(await reserveArmed(pool, { ...trigger, order_id: late[0].order_id })).toMatchObject({
      ok: false,
      reason: 'INSUFFICIENT_HOLDINGS',
    })
    expect(await findOrder(pool, late[0].order_id)).toMatchObject({ state: 'ARMED' })
  })
})

describe('an intent', () => {
  const reserve = (runId: string, change: Partial<Order>, deadline: number | null = null) => {
    const order = newOrder(runId, { origin: 'intent', ...change })
    const request = { ...batch(runId, 'intent', [toReserve(order)]), deadline_at: deadline }
    return { order, reserved: reserveOrders(pool, request) }
  }

  it('whose deadline has passed is not reserved, however often it is tried; one whose answer was lost stays reserved', async () => {
    const runId = await newRun(pool)
    const late = { ok: false, reason: 'INTENT_EXPIRED', detail: expect.stringMatching(/ended \d+ ms ago$/) }
    expect(await reserve(runId, {}, Date.now() - 1).reserved).toMatchObject(late)
    expect(await reserve(runId, {}, Date.now() - 1).reserved).toMatchObject(late)
    expect(await listOrders(pool, { runId })).toEqual([])
    expect((await getBalances(pool, runId)).USD?.held).toBe('0')

    const deadline = Date.now() + 300
    expect(await reserve(runId, {}, deadline).reserved).toMatchObject({ ok: true })
    await new Promise((resolve) => setTimeout(resolve, 350))
    expect(await reserve(runId, {}, deadline).reserved).toMatchObject({ ok: true, orders: [{ state: 'RESERVED' }] })
    expect(await reserve(runId, {}, deadline + 1).reserved).toMatchObject({ ok: true, orders: [{ state: 'RESERVED' }] })
    expect((await getBalances(pool, runId)).USD?.held).toBe('700')
  })

  it('that has expired on the market clock is neither reserved nor sent', async () => {
    const runId = await newRun(pool)
    await saveCursor(pool, { runId, cursor: marketTime + 1000 })
    expect(await reserve(runId, { expires_at: marketTime + 1000 }).reserved).toMatchObject({
      ok: false,
      reason: 'INTENT_EXPIRED',
      index: 0,
    })
    const { order, reserved } = reserve(runId, { expires_at: marketTime + 1001 })
    expect(await reserved).toMatchObject({ ok: true })
    await saveCursor(pool, { runId, cursor: marketTime + 1001 })
    const send = { order_id: order.order_id, from: 'RESERVED' as const, to: 'SENT' as const, market_time: marketTime }
    expect(await moveOrder(pool, send)).toMatchObject({ ok: false, reason: 'INTENT_EXPIRED', state: 'RESERVED' })
  })

  it('that was sent in time is not sent again, but has been sent', async () => {
    const runId = await newRun(pool)
    const { order, reserved } = reserve(runId, { expires_at: marketTime + 1000 })
    await reserved
    await sendOrder(pool, order)
    await saveCursor(pool, { runId, cursor: marketTime + 5000 })
    const send = { order_id: order.order_id, from: 'RESERVED' as const, to: 'SENT' as const, market_time: marketTime }
    expect(await moveOrder(pool, send)).toMatchObject({ ok: false, reason: 'STATE_MISMATCH', state: 'WORKING' })
  })

  it('changes on the market clock alone', async () => {
    const runId = await newRun(pool)
    const { order, reserved } = reserve(runId, {})
    await reserved
    expect(await findOrder(pool, order.order_id)).toMatchObject({ market_time: marketTime, updated_at: marketTime })
    await moveOrder(pool, { order_id: order.order_id, from: 'RESERVED', to: 'SENT', market_time: marketTime + 1 })
    expect(await findOrder(pool, order.order_id)).toMatchObject({ updated_at: marketTime + 1 })
    await recordFill(pool, posting({ order, quantity: '0.005', price: '60000', fee: '1.8' }))
    expect(await findOrder(pool, order.order_id)).toMatchObject({ updated_at: marketTime + 1000 })
    const release = { order_id: order.order_id, run_id: runId, book: 'paper', reason: null, state: 'CANCELLED' as const }
    await releaseOrder(pool, { ...release, market_time: marketTime + 2000 })
    expect(await findOrder(pool, order.order_id)).toMatchObject({ updated_at: marketTime + 2000 })
  })
})

describe('releasing', () => {
  it('from a state that the order has left changes nothing', async () => {
    const runId = await newRun(pool)
    const order = newOrder(runId, { origin: 'a' })
    await reserveOrders(pool, batch(runId, 'a', [toReserve(order, '800')]))
    const lost = {
      order_id: order.order_id,
      run_id: runId,
      book: 'paper',
      reason: 'lost',
      market_time: marketTime,
      state: 'ABORTED' as const,
    }
    await sendOrder(pool, order)
    expect(await releaseOrder(pool, { ...lost, from: 'RESERVED' })).toMatchObject({ state: 'WORKING', balances: { USD: { held: '800' } } })
    const other = newOrder(runId, { origin: 'b' })
    await reserveOrders(pool, batch(runId, 'b', [toReserve(other, '800')]))
    expect(await releaseOrder(pool, { ...lost, order_id: other.order_id, from: 'RESERVED' })).toMatchObject({
      state: 'ABORTED',
      balances: { USD: { held: '800' } },
    })
    const send = { order_id: other.order_id, from: 'RESERVED' as const, to: 'SENT' as const, market_time: marketTime }
    expect(await moveOrder(pool, send)).toMatchObject({ ok: false, reason: 'STATE_MISMATCH', state: 'ABORTED' })
  })

  it('returns what is left of a hold once, and ignores older news', async () => {
    const runId = await newRun(pool)
    const order = newOrder(runId, { origin: 'a' })
    await reserveOrders(pool, batch(runId, 'a', [toReserve(order, '800')]))
    await sendOrder(pool, order)
    // Half is filled for 300 + 1.8, so half of the hold is consumed.
    await recordFill(pool, posting({ order, quantity: '0.005', price: '60000', fee: '1.8' }))
    expect((await getBalances(pool, runId)).USD).toEqual({ posted: '9698.2', held: '400', scraped: '0', fees: '1.8' })
    const release = { order_id: order.order_id, run_id: runId, book: 'paper', reason: 'asked to', market_time: marketTime }
    expect(await releaseOrder(pool, { ...release, state: 'CANCELLED' })).toMatchObject({
      state: 'CANCELLED',
      balances: { USD: { held: '0' } },
    })
    expect(await releaseOrder(pool, { ...release, state: 'EXPIRED' })).toMatchObject({ state: 'CANCELLED' })
    expect(await findOrder(pool, order.order_id)).toMatchObject({
      state: 'CANCELLED',
      state_reason: 'asked to',
      filled_quantity: '0.005',
      average_price: '60000',
    })
    await expect(releaseOrder(pool, { ...release, state: 'WORKING' })).rejects.toThrow(/cannot be released into WORKING/)
  })

  it('books a fill that arrives after the cancel', async () => {
    const runId = await newRun(pool)
    const order = newOrder(runId, { origin: 'a' })
    await reserveOrders(pool, batch(runId, 'a', [toReserve(order)]))
    await sendOrder(pool, order)
    await releaseOrder(pool, {
      order_id: order.order_id,
      run_id: runId,
      book: 'paper',
      state: 'CANCELLED',
      reason: null,
      market_time: marketTime,
    })
    expect(await recordFill(pool, posting({ order, quantity: '0.004', price: '60000', fee: '1' }))).toMatchObject({ status: 'posted' })
    expect(await findOrder(pool, order.order_id)).toMatchObject({ state: 'CANCELLED', filled_quantity: '0.004' })
  })

  it('takes more of the hold where a fill cost more than its share', async () => {
    const runId = await newRun(pool)
    const order = newOrder(runId, { origin: 'a' })
    await reserveOrders(pool, batch(runId, 'a', [toReserve(order, '600')]))
    await sendOrder(pool, order)
    await recordFill(pool, posting({ order, quantity: '0.005', price: '61000', fee: '2' }))
    expect((await getBalances(pool, runId)).USD).toMatchObject({ posted: '9693', held: '293' })
  })
})
