import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { moveOrder } from '@trader/server/database/queries/move-order'
import { recordFill } from '@trader/server/database/queries/record-fill'
import { reserveOrders } from '@trader/server/database/queries/reserve-orders'
import { withTransaction, type Pool } from '@trader/server/database/pool'
import { legalMoves } from '@trader/core/order/state-machine'
import { createDatabase } from '../support/postgres.ts'
import { batch, marketTime, newOrder, newRun, noPosition, posting, sendOrder, toReserve } from './book.ts'

let pool: Pool
let runId: string

beforeAll(async () => {
  pool = (await createDatabase(inject('postgresUrl'))).pool
  runId = await newRun(pool)
  const order = newOrder(runId, { origin: 'first' })
  await reserveOrders(pool, batch(runId, 'first', [toReserve(order)]))
  await sendOrder(pool, order)
  await recordFill(pool, posting({ order, quantity: '0.01', price: '60000', fee: '3.6' }))
})
afterAll(() => pool.end())

const accountId = (asset: string, kind: string): string =>
  `(select account_id from account where run_id = '${runId}' and asset = '${asset}' and kind = '${kind}')`

/** One journal transaction with the given legs, written past the functions. */
async function postRaw(
  key: string,
  legs: readonly (readonly [account: string, asset: string, amount: string])[],
  said: number = legs.length,
): Promise<void> {
  await withTransaction(pool, async (transaction) => {
    const { rows } = await transaction.query<{ txn_id: number }>(
      `insert into txn (idem_key, body_sha256, kind, run_id, book, market_time, legs)
       values ($1, repeat('b', 64), 'adjustment', $2, 'paper', 0, $3) returning txn_id`,
      [key, runId, said],
    )
    for (const [index, [account, asset, amount]] of legs.entries()) {
      await transaction.query(`insert into entry (txn_id, seq, account_id, asset, amount) values ($1, $2, ${account}, $3, $4)`, [
        rows[0]?.txn_id,
        index + 1,
        asset,
        amount,
      ])
    }
  })
}

describe('what the database itself refuses', () => {
  it('a transaction that does not balance in one asset is refused at commit', async () => {
    const legs = [
      [accountId('USD', 'available'), 'USD', '5'],
      [accountId('BTC', 'external'), 'BTC', '-5'],
    ] as const
    await expect(postRaw('unbalanced', legs)).rejects.toThrow(/does not balance: left over -5 BTC, 5 USD/)
  })

  it('a transaction without entries is refused at commit', async () => {
    await expect(postRaw('empty', [], 2)).rejects.toThrow(/needs 2 entries, it has 0/)
    await expect(postRaw('said to be empty', [])).rejects.toThrow(/txn_legs_check/)
  })

  it('a transaction with fewer or more entries than it says is refused', async () => {
    const balanced = [
      [accountId('USD', 'available'), 'USD', '5'],
      [accountId('USD', 'external'), 'USD', '-5'],
    ] as const
    await expect(postRaw('fewer', balanced, 3)).rejects.toThrow(/needs 3 entries, it has 2/)
    const more = [...balanced, [accountId('USD', 'available'), 'USD', '1'], [accountId('USD', 'external'), 'USD', '-1']] as const
    await expect(postRaw('more', more, 3)).rejects.toThrow(/has 3 entries: entry 4 cannot join/)
  })

  it.each([
    { said: 2, refused: /has 2 entries: entry 3 cannot join/ },
    { said: 3, refused: /needs 3 entries, it has 2/ },
  ])('checking early does not let an unbalanced entry join later, where $said entries were said', async ({ said, refused }) => {
    const early = withTransaction(pool, async (transaction) => {
      const inserted = await transaction.query<{ txn_id: number }>(
        `insert into txn (idem_key, body_sha256, kind, run_id, book, market_time, legs)
         values ('early', repeat('b', 64), 'adjustment', $1, 'paper', 0, $2) returning txn_id`,
        [runId, said],
      )
      const add = (seq: number, kind: string, amount: string): Promise<unknown> =>
        transaction.query(
          `insert into entry (txn_id, seq, account_id, asset, amount) values ($1, $2, ${accountId('USD', kind)}, 'USD', $3)`,
          [inserted.rows[0]?.txn_id, seq, amount],
        )
      await add(1, 'available', '5')
      await add(2, 'external', '-5')
      await transaction.query('set constraints all immediate')
      await transaction.query('set constraints all deferred')
      await add(3, 'available', '7')
    })
    await expect(early).rejects.toThrow(refused)
  })

  it('a balanced adjustment is posted', async () => {
    const legs = [
      [accountId('USD', 'available'), 'USD', '5'],
      [accountId('USD', 'external'), 'USD', '-5'],
    ] as const
    await expect(postRaw('balanced', legs)).resolves.toBeUndefined()
  })

  it('an entry of another asset than its account is refused', async () => {
    const legs = [
      [accountId('USD', 'available'), 'BTC', '5'],
      [accountId('BTC', 'external'), 'BTC', '-5'],
    ] as const
    await expect(postRaw('other-asset', legs)).rejects.toThrow(/foreign key/)
  })

  it('an entry cannot join a transaction of the past', async () => {
    const late = pool.query(
      `insert into entry (txn_id, seq, account_id, asset, amount) select min(txn_id), 9, ${accountId('USD', 'available')}, 'USD', 1 from txn`,
    )
    await expect(late).rejects.toThrow(/is closed: an entry can only join/)
  })

  it('an entry without a transaction is refused', async () => {
    const orphan = pool.query(`insert into entry (txn_id, seq, account_id, amount) values (999999, 1, ${accountId('USD', 'available')}, 5)`)
    await expect(orphan).rejects.toThrow(/has no transaction/)
  })

  it('a key posts once: the same legs are the same transaction, others are refused', async () => {
    const post = (amount: number) =>
      pool.query<{ txn_id: string }>(
        `select post_txn(run, 'once', 'adjustment', 0, null, jsonb_build_array(leg(${accountId('USD', 'external')}, -$2::numeric),
           leg(${accountId('USD', 'available')}, $2::numeric), leg(${accountId('USD', 'fees')}, 0))) as txn_id from run where run_id = $1`,
        [runId, amount],
      )
    const first = await post(2)
    expect((await post(2)).rows).toEqual(first.rows)
    await expect(post(3)).rejects.toThrow('IDEMPOTENCY_CONFLICT')
    const entries = await pool.query('select seq, amount from entry where txn_id = $1 order by seq', [first.rows[0]?.txn_id])
    expect(entries.rows).toHaveLength(2)
  })

  it('a wallet cannot be spent below zero', async () => {
    const legs = [
      [accountId('USD', 'available'), 'USD', '-99999'],
      [accountId('USD', 'external'), 'USD', '99999'],
    ] as const
    await expect(postRaw('overdraft', legs)).rejects.toThrow(/available_not_below_minimum/)
  })

  it('a fill posting without its fill is refused at commit', async () => {
    const orphan = withTransaction(pool, async (transaction) => {
      await transaction.query(
        `select post_txn(run, 'fill:orphan', 'fill', 0, null, jsonb_build_array(leg(${accountId('USD', 'available')}, 1), leg(${accountId('USD', 'external')}, -1)))
         from run where run_id = $1`,
        [runId],
      )
    })
    await expect(orphan).rejects.toThrow(/of kind fill has no fill/)
  })

  it.each([
    ['update entry set amount = amount + 1', 'entry is append-only'],
    ['delete from entry', 'entry is append-only'],
    ['truncate entry', 'entry is append-only'],
    ['update txn set kind = kind', 'txn is append-only'],
    ['delete from txn', 'txn is append-only'],
    ['update fill set fee = 0', 'fill is append-only'],
    ['delete from fill', 'fill is append-only'],
    ['truncate fill', 'fill is append-only'],
    ['delete from event', 'event is append-only'],
    [`update event set payload = '{}'`, 'event is append-only'],
    ['truncate event', 'event is append-only'],
    ['delete from hold', 'hold is append-only'],
    ['delete from orders', 'orders is append-only'],
    ['update idempotency set result = result', 'idempotency is append-only'],
    ['update account set posted = posted + 1', 'changes only by entries and holds'],
    ['update account set held = held + 1', 'changes only by entries and holds'],
    ['update account set version = 7', 'changes only by entries and holds'],
    ['delete from account', 'account is append-only'],
    [`update hold set state = 'released'`, 'is closed'],
    [`update intent set body = '{}'`, 'is frozen'],
    [`update orders set state = 'WORKING'`, 'may not go from FILLED to WORKING'],
    [`update orders set quantity = 5`, 'keeps its quantity'],
    [`update orders set side = 'SELL'`, 'keeps its identity'],
    [`insert into account (book, asset, kind, posted) values ('live', 'USD', 'fees', 5)`, 'must start empty'],
  ])('%s is refused', async (sql, message) => {
    // Bare TRUNCATE meets the foreign keys first; CASCADE meets the trigger.
    await expect(pool.query(sql.startsWith('truncate') ? `${sql} cascade` : sql)).rejects.toThrow(message)
  })

  it('knows the same legal moves of an order as the code', async () => {
    const { rows } = await pool.query<{ from_state: string; to_state: string }>(
      'select from_state, to_state from order_move where not adopts',
    )
    const inDatabase = rows.map((row) => `${row.from_state} ${row.to_state}`).sort()
    const inCode = Object.entries(legalMoves).flatMap(([from, moves]) => moves.map((to) => `${from} ${to}`))
    expect(inDatabase).toEqual(inCode.sort())
  })

  it('an order moves only from the state its caller thinks it is in', async () => {
    const order = newOrder(runId, { origin: 'moves' })
    await reserveOrders(pool, batch(runId, 'moves', [toReserve(order)]))
    const move = { order_id: order.order_id, market_time: marketTime }
    expect(await moveOrder(pool, { ...move, from: 'SENT', to: 'WORKING' })).toMatchObject({
      ok: false,
      reason: 'STATE_MISMATCH',
      state: 'RESERVED',
    })
    await expect(moveOrder(pool, { ...move, from: 'RESERVED', to: 'WORKING' })).rejects.toThrow(/may not go from RESERVED to WORKING/)
    expect(await moveOrder(pool, { ...move, from: 'RESERVED', to: 'SENT', epoch: 2 })).toMatchObject({ ok: true, order: { state: 'SENT' } })
    expect(await moveOrder(pool, { ...move, from: 'RESERVED', to: 'SENT', epoch: 2 })).toMatchObject({ ok: true })
    await moveOrder(pool, { ...move, from: 'SENT', to: 'RESERVED' })
    expect(await moveOrder(pool, { ...move, from: 'RESERVED', to: 'SENT', epoch: 1 })).toMatchObject({
      ok: false,
      detail: expect.stringContaining('newer sender'),
    })
    expect(await moveOrder(pool, { ...move, from: 'RESERVED', to: 'SENT', epoch: 3 })).toMatchObject({ ok: true })
  })
})

describe('what record_fill refuses', () => {
  const sell = async (origin: string): Promise<ReturnType<typeof newOrder>> => {
    const order = newOrder(runId, { origin, side: 'SELL', quantity: '0.001' })
    const reserved = await reserveOrders(pool, batch(runId, origin, [toReserve(order)]))
    expect(reserved).toMatchObject({ ok: true })
    await sendOrder(pool, order)
    return order
  }
  const held = posting({ order: newOrder('x', { origin: 'x' }), quantity: '0.01', price: '60000', fee: '3.6' }).position

  it('a position of another version, naming the stored one, and books nothing', async () => {
    const order = await sell('version')
    const stale = posting({ order, quantity: '0.001', price: '61000', fee: '0.4' }, { ...held, version: 5 })
    expect(await recordFill(pool, stale)).toEqual({ status: 'version_mismatch', stored_version: 1 })
    const { rows } = await pool.query('select from fill where order_id = $1', [order.order_id])
    expect(rows).toHaveLength(0)
  })

  it('a scrape beyond the profit of its trade, and one out of a purchase', async () => {
    const order = await sell('scrape')
    const good = posting({ order, quantity: '0.001', price: '70000', fee: '0.4' }, held)
    expect(Number(good.realized_pnl)).toBeGreaterThan(0)
    await expect(recordFill(pool, { ...good, scraped: good.realized_pnl })).rejects.toThrow(/scrape_within_profit/)
    const buy = newOrder(runId, { origin: 'scrape-buy' })
    await reserveOrders(pool, batch(runId, 'scrape-buy', [toReserve(buy)]))
    await sendOrder(pool, buy)
    const purchase = posting({ order: buy, quantity: '0.01', price: '60000', fee: '3.6' }, held)
    await expect(recordFill(pool, { ...purchase, scraped: '1' })).rejects.toThrow(/scrape_within_profit/)
  })

  it.each([
    ['its quantity', { quantity: '0.5' }, /quantity is wrong/],
    ['its profit', { realized_pnl: '99' }, /realized profit is wrong/],
    ['the cost that is left', { cost_basis: '1' }, /profit is not proceeds less cost and fees/],
  ])('a position that got %s wrong', async (what, wrong, message) => {
    const order = await sell(`wrong-${what.replaceAll(' ', '-')}`)
    const good = posting({ order, quantity: '0.001', price: '61000', fee: '0.4' }, held)
    await expect(recordFill(pool, { ...good, position: { ...good.position, ...wrong } })).rejects.toThrow(message)
  })

  it('a notional that is not quantity times price', async () => {
    const order = await sell('notional')
    const good = posting({ order, quantity: '0.001', price: '61000', fee: '0.4' }, held)
    await expect(recordFill(pool, { ...good, fill: { ...good.fill, notional: '61.5' } })).rejects.toThrow(/cannot have notional/)
  })

  it('more than the order asked for', async () => {
    const order = await sell('overfill')
    const over = posting({ order, quantity: '0.002', price: '61000', fee: '0.4' }, held)
    await expect(recordFill(pool, over)).rejects.toThrow(/check constraint/)
  })

  it('a fill of an order that was never sent', async () => {
    const order = newOrder(runId, { origin: 'unsent' })
    await reserveOrders(pool, batch(runId, 'unsent', [toReserve(order)]))
    await expect(recordFill(pool, posting({ order, quantity: '0.001', price: '60000', fee: '0.4' }, held))).rejects.toThrow(
      /may not go from RESERVED to PARTIAL/,
    )
  })

  it('another trade under a fill id that is booked', async () => {
    const order = newOrder(runId, { origin: 'first' })
    const booked = posting({ order, quantity: '0.01', price: '60000', fee: '3.6' }, noPosition)
    expect(await recordFill(pool, booked)).toEqual({ status: 'exists' })
    await expect(recordFill(pool, { ...booked, fill: { ...booked.fill, fee: '3.7' } })).rejects.toThrow(/was used before/)
  })
})

it('a sale whose fee is all that it brings is booked, without a leg for the cash', async () => {
  const ownRun = await newRun(pool)
  const trade = async (
    origin: string,
    facts: { side: 'BUY' | 'SELL'; quantity: string; price: string; fee: string },
    before = noPosition,
  ) => {
    const order = newOrder(ownRun, { origin, side: facts.side, quantity: facts.quantity })
    await reserveOrders(pool, batch(ownRun, origin, [toReserve(order)]))
    await sendOrder(pool, order)
    const booked = posting({ ...facts, order }, before)
    expect(await recordFill(pool, booked)).toMatchObject({ status: 'posted' })
    return booked
  }
  const bought = await trade('dust-buy', { side: 'BUY', quantity: '0.01', price: '60000', fee: '3.6' })
  const sold = await trade('dust-sell', { side: 'SELL', quantity: '0.00000001', price: '1', fee: '0.00000001' }, bought.position)
  const { rows } = await pool.query(
    'select a.asset, a.kind from entry join account a using (account_id) join fill using (txn_id) where fill_id = $1',
    [sold.fill.fill_id],
  )
  expect(rows.map(({ asset, kind }) => `${asset} ${kind}`).sort()).toEqual([
    'BTC available',
    'BTC exchange_clearing',
    'USD exchange_clearing',
    'USD fees',
  ])
})
