import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import pg from 'pg'
import { Decimal, toText } from '@trader/core/money/decimal'
import type { Position } from '@trader/core/contract/position'
import { createPool, type Database, type Pool, withStatement, withTransaction } from '@trader/server/database/pool'
import { getBalances } from '@trader/server/database/queries/get-balances'
import { getPositions } from '@trader/server/database/queries/get-positions'
import { ledgerCheck } from '@trader/server/database/queries/ledger-check'
import { listFills } from '@trader/server/database/queries/list-fills'
import { listWallets } from '@trader/server/database/queries/list-wallets'
import { recordFill } from '@trader/server/database/queries/record-fill'
import { releaseOrder } from '@trader/server/database/queries/release-order'
import { reserveOrders } from '@trader/server/database/queries/reserve-orders'
import { setTradeableFraction } from '@trader/server/database/queries/set-tradeable-fraction'
import { createDatabase } from '../support/postgres.ts'
import { batch, marketTime, newOrder, newRun, noPosition, posting, sendOrder, toReserve } from './book.ts'

let pool: Pool
let url: string
beforeAll(async () => {
  ;({ pool, url } = await createDatabase(inject('postgresUrl')))
})
afterAll(async () => {
  const check = await withTransaction(pool, ledgerCheck, { isolation: 'repeatable read' })
  await pool.end()
  expect(check.problems).toEqual([])
})

const clients = Array.from({ length: 16 }, (_, index) => index)

describe('sixteen clients at once', () => {
  it('never reserve more than the cash', async () => {
    const runId = await newRun(pool, { cash: '1000' })
    const results = await Promise.all(
      clients.flatMap((client) =>
        [0, 1, 2].map(async (turn) => {
          const order = newOrder(runId, { origin: `c${client}-${turn}` })
          return reserveOrders(pool, batch(runId, order.origin, [toReserve(order, '70')]))
        }),
      ),
    )
    const accepted = results.filter((result) => result.ok).length
    expect(accepted).toBe(14)
    expect(results.filter((result) => !result.ok && result.reason === 'INSUFFICIENT_CASH')).toHaveLength(48 - 14)
    expect((await getBalances(pool, runId)).USD).toMatchObject({ posted: '1000', held: '980' })
  })

  it('never reserve more than the tradeable fraction while it is changed', async () => {
    const runId = await newRun(pool, { cash: '1000' })
    const wallet = (await listWallets(pool, { runId })).find((each) => each.asset === 'USD')
    const change = { wallet_id: wallet?.wallet_id ?? 0, fraction: 0.3, who: 'owner', reason: 'race', market_time: marketTime }
    await setTradeableFraction(pool, { ...change, idempotency_key: `${runId}-0` })
    await Promise.all([
      ...clients.map((client) =>
        reserveOrders(pool, batch(runId, `c${client}`, [toReserve(newOrder(runId, { origin: `c${client}` }), '40')])),
      ),
      setTradeableFraction(pool, { ...change, fraction: 0.25, idempotency_key: `${runId}-1` }),
    ])
    const held = Number((await getBalances(pool, runId)).USD?.held)
    expect(held).toBeGreaterThanOrEqual(240)
    expect(held).toBeLessThanOrEqual(280)
  })

  it('with the same key make one reservation', async () => {
    const runId = await newRun(pool)
    const order = newOrder(runId, { origin: 'same' })
    const results = await Promise.all(clients.map(() => reserveOrders(pool, batch(runId, 'same', [toReserve(order)]))))
    expect(results.every((result) => result.ok)).toBe(true)
    expect((await getBalances(pool, runId)).USD?.held).toBe('700')
  })

  it('book one fill once, and fills of one product one after the other', async () => {
    const runId = await newRun(pool)
    const orders = clients.map((client) => newOrder(runId, { origin: `f${client}`, quantity: '0.001' }))
    await reserveOrders(
      pool,
      batch(
        runId,
        'all',
        orders.map((order) => toReserve(order, '70')),
      ),
    )
    await Promise.all(orders.map((order) => sendOrder(pool, order)))
    // Everyone believes to be the first; who is late reads the position again, as the ledger workflow does.
    const book = async (order: (typeof orders)[number]): Promise<void> => {
      let before: Position = noPosition
      for (;;) {
        const result = await withTransaction(pool, (db) =>
          recordFill(db, posting({ order, quantity: '0.001', price: '60000', fee: '0.36' }, before)),
        )
        if (result.status !== 'version_mismatch') return
        before = (await getPositions(pool, runId))[0] ?? noPosition
      }
    }
    await Promise.all(orders.flatMap((order) => [book(order), book(order)]))
    expect(await listFills(pool, { runId })).toHaveLength(16)
    expect(await getPositions(pool, runId)).toMatchObject([{ quantity: '0.016', cost_basis: '960', entry_fees: '5.76', version: 16 }])
  })

  it('reserve, fill and release across two products without a surfaced deadlock', async () => {
    const runId = await newRun(pool, { cash: '100000', products: ['BTC-USD', 'ETH-USD'] })
    const positions = new Map<string, Promise<Position>>()
    const live = async (client: number): Promise<void> => {
      for (let turn = 0; turn < 4; turn += 1) {
        const product = (client + turn) % 2 === 0 ? 'BTC-USD' : 'ETH-USD'
        const pair = [0, 1].map((leg) =>
          newOrder(runId, { origin: `d${client}-${turn}`, leg, product: leg === 0 ? product : 'BTC-USD', quantity: '0.002' }),
        )
        await withTransaction(pool, (db) =>
          reserveOrders(
            db,
            batch(
              runId,
              `d${client}-${turn}`,
              pair.map((order) => toReserve(order, '150')),
            ),
          ),
        )
        const [first, second] = pair
        if (first === undefined || second === undefined) throw new Error('two orders expected')
        await sendOrder(pool, first)
        const before = positions.get(product) ?? Promise.resolve({ ...noPosition, product })
        const booked = before.then(async (position) => {
          const facts = posting({ order: first, quantity: '0.002', price: '60000', fee: '0.72' }, position)
          await withTransaction(pool, (db) => recordFill(db, facts))
          return facts.position
        })
        positions.set(product, booked)
        await Promise.all([
          booked,
          withTransaction(pool, (db) =>
            releaseOrder(db, {
              order_id: second.order_id,
              run_id: runId,
              book: 'paper',
              state: 'ABORTED',
              reason: null,
              market_time: marketTime,
            }),
          ),
        ])
      }
    }
    await Promise.all(clients.map(live))
    const spent = new Decimal('120.72').times(clients.length * 4)
    expect((await getBalances(pool, runId)).USD).toMatchObject({ posted: toText(new Decimal(100_000).minus(spent)), held: '0' })
  })
})

describe('a transaction whose answer is lost', () => {
  it.each([
    ['of several statements', withTransaction],
    ['of one', withStatement],
  ] as const)('%s is run again with the same keys and books once, though connections are cut at random', async (_, run) => {
    const runId = await newRun(pool, { cash: '100000' })
    const victims = createPool({ connectionString: `${url}?application_name=victim`, max: 4 })
    let cuts = 0
    // At most three for one transaction, so that its eight attempts suffice however slow the machine.
    let cutsLeft = 0
    const killing = { isOver: false }
    const cut = async (): Promise<void> => {
      if (cutsLeft === 0) return
      const { rows } = await pool.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'victim'`,
      )
      if (rows.length === 0) return
      cuts += 1
      cutsLeft -= 1
    }
    // Sooner and later than a reserve takes, so that cuts fall before, inside and after its commit.
    const killer = (async (): Promise<void> => {
      while (!killing.isOver) {
        await cut()
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 40))
      }
    })()
    const harassed = <Result>(work: (db: Database) => Promise<Result>): Promise<Result> => {
      cutsLeft = 3
      return run(victims, work)
    }
    let position = noPosition
    try {
      for (let turn = 0; turn < 20; turn += 1) {
        const order = newOrder(runId, { origin: `k${turn}` })
        const reserved = await harassed((db) => reserveOrders(db, batch(runId, order.origin, [toReserve(order)])))
        expect(reserved.ok).toBe(true)
        await sendOrder(pool, order)
        const facts = posting({ order, quantity: '0.01', price: '60000', fee: '3.6' }, position)
        const booked = await harassed((db) => recordFill(db, facts))
        expect(['posted', 'exists']).toContain(booked.status)
        position = facts.position
      }
    } finally {
      killing.isOver = true
      await killer
      await victims.end()
    }
    expect(cuts).toBeGreaterThan(10)
    expect(await getPositions(pool, runId)).toEqual([position])
    expect((await getBalances(pool, runId)).USD).toMatchObject({ posted: '87928', held: '0', fees: '72' })
  })

  it('says what the database found when the failure is ours', async () => {
    const failure = await withTransaction(pool, (db) => db.query('select find_run($1)', ['nowhere'])).catch((error: unknown) => error)
    expect(failure).toMatchObject({
      name: 'LedgerRefused',
      message: expect.stringContaining('run nowhere does not exist'),
      cause: expect.any(pg.DatabaseError),
    })
  })
})
