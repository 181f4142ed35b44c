import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import fc from 'fast-check'
import type { Order } from '@trader/core/contract/order'
import type { Position } from '@trader/core/contract/position'
import { Decimal, decimal, sum, toText } from '@trader/core/money/decimal'
import { applyFill } from '@trader/core/portfolio/position'
import { withTransaction, type Pool } from '@trader/server/database/pool'
import { getBalances } from '@trader/server/database/queries/get-balances'
import { getPositions } from '@trader/server/database/queries/get-positions'
import { ledgerCheck } from '@trader/server/database/queries/ledger-check'
import { listWallets } from '@trader/server/database/queries/list-wallets'
import { recordFill } from '@trader/server/database/queries/record-fill'
import { releaseOrder } from '@trader/server/database/queries/release-order'
import { reserveOrders } from '@trader/server/database/queries/reserve-orders'
import { setTradeableFraction } from '@trader/server/database/queries/set-tradeable-fraction'
import { createDatabase } from '../support/postgres.ts'
import { batch, marketTime, newOrder, newRun, noPosition, posting, sendOrder, toReserve } from './book.ts'

const histories = Number(process.env.LEDGER_HISTORIES ?? 200)

let pool: Pool
beforeAll(async () => {
  pool = (await createDatabase(inject('postgresUrl'))).pool
  // Durability is not what is tested here, and nothing is shared with other databases.
  await pool.query(`do $$ begin execute format('alter database %I set synchronous_commit = off', current_database()); end $$`)
})
afterAll(() => pool.end())

/** One step of a history; numbers are shares, so that a step makes sense after any other. */
type Step =
  | { readonly kind: 'reserve'; readonly side: 'BUY' | 'SELL'; readonly quantity: number; readonly cents: number }
  | {
      readonly kind: 'fill'
      readonly which: number
      readonly share: number
      readonly priceCents: number
      readonly feeCents: number
      readonly scrape: number
    }
  | { readonly kind: 'release'; readonly which: number }
  | { readonly kind: 'fraction'; readonly asset: 'USD' | 'BTC'; readonly percent: number }
  | { readonly kind: 'repeat' }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('reserve' as const),
      side: fc.constantFrom('BUY' as const, 'SELL' as const),
      quantity: fc.integer({ min: 1, max: 9_000_000 }),
      cents: fc.integer({ min: 1, max: 400_000 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('fill' as const),
      which: fc.nat(20),
      share: fc.integer({ min: 1, max: 100 }),
      priceCents: fc.integer({ min: 1_000_000, max: 6_000_000 }),
      feeCents: fc.nat(500),
      scrape: fc.integer({ min: 0, max: 100 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('release' as const), which: fc.nat(20) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('fraction' as const),
      asset: fc.constantFrom('USD' as const, 'BTC' as const),
      percent: fc.nat(100),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('repeat' as const) }) },
)

interface OpenOrder {
  readonly order: Order
  readonly hold: Decimal
  consumed: Decimal
  filled: Decimal
  fills: number
}

interface Purse {
  posted: Decimal
  scraped: Decimal
  fees: Decimal
  fraction: Decimal
  netSpent: Decimal
}

const purse = (posted: string): Purse => ({
  posted: decimal(posted),
  scraped: new Decimal(0),
  fees: new Decimal(0),
  fraction: new Decimal(1),
  netSpent: new Decimal(0),
})

/** The books as a few lines of arithmetic: no accounts, no journal, no locks. */
class Model {
  readonly purses = { USD: purse('10000'), BTC: purse('0') }
  readonly open: OpenOrder[] = []
  position: Position = noPosition

  held(asset: 'USD' | 'BTC'): Decimal {
    return sum(this.open.filter((each) => assetHeld(each.order) === asset).map((each) => each.hold.minus(each.consumed)))
  }

  tradeable(asset: 'USD' | 'BTC'): Decimal {
    const { posted, fraction, netSpent } = this.purses[asset]
    const spent = Decimal.max(0, netSpent)
    return Decimal.max(0, fraction.times(posted.plus(spent)).minus(spent).minus(this.held(asset)))
  }

  verdict(order: Order, amount: Decimal): string {
    const asset = assetHeld(order)
    if (amount.gt(this.purses[asset].posted.minus(this.held(asset))))
      return order.side === 'BUY' ? 'INSUFFICIENT_CASH' : 'INSUFFICIENT_HOLDINGS'
    return amount.gt(this.tradeable(asset)) ? 'TRADEABLE_FRACTION' : 'ok'
  }

  fill(open: OpenOrder, facts: ReturnType<typeof posting>): void {
    const sign = open.order.side === 'BUY' ? 1 : -1
    const money = decimal(facts.fill.notional).times(sign).plus(facts.fill.fee)
    const coins = decimal(facts.fill.quantity).times(sign)
    const { USD, BTC } = this.purses
    USD.posted = USD.posted.minus(money).minus(facts.scraped)
    USD.scraped = USD.scraped.plus(facts.scraped)
    USD.fees = USD.fees.plus(facts.fill.fee)
    USD.netSpent = USD.netSpent.plus(money)
    BTC.posted = BTC.posted.plus(coins)
    BTC.netSpent = BTC.netSpent.minus(coins)
    this.position = facts.position
    open.filled = open.filled.plus(facts.fill.quantity)
    open.fills += 1
    const share = open.hold.times(open.filled).div(open.order.quantity).toDecimalPlaces(8, Decimal.ROUND_DOWN)
    const taken = open.consumed.plus(open.order.side === 'BUY' ? money : coins.negated())
    open.consumed = Decimal.min(open.hold, Decimal.max(share, taken))
    if (open.filled.eq(open.order.quantity)) this.close(open)
  }

  close(open: OpenOrder): void {
    this.open.splice(this.open.indexOf(open), 1)
  }
}

function assetHeld(order: Order): 'USD' | 'BTC' {
  return order.side === 'BUY' ? 'USD' : 'BTC'
}

/** Plays one history against the database and the model and compares every answer. */
async function play(steps: readonly Step[]): Promise<void> {
  const runId = await newRun(pool)
  const model = new Model()
  let repeat: () => Promise<void> = () => Promise.resolve()
  for (const [index, next] of steps.entries()) {
    if (next.kind === 'reserve') repeat = await reserve(runId, model, `o${index}`, next)
    else if (next.kind === 'repeat') await repeat()
    else if (next.kind === 'fraction') await setFraction(runId, model, `${runId}-${index}`, next)
    else {
      const open = model.open[next.which % Math.max(1, model.open.length)]
      if (open === undefined) continue
      if (next.kind === 'release') await release(model, open)
      else repeat = await fill(model, open, next)
    }
    await compare(runId, model)
  }
}

async function reserve(
  runId: string,
  model: Model,
  origin: string,
  { side, quantity, cents }: Extract<Step, { kind: 'reserve' }>,
): Promise<() => Promise<void>> {
  const order = newOrder(runId, { origin, side, quantity: toText(new Decimal(quantity).div(1e8)) })
  const hold = new Decimal(cents).div(100)
  const amount = side === 'BUY' ? hold : decimal(order.quantity)
  const expected = model.verdict(order, amount)
  const request = batch(runId, origin, [toReserve(order, toText(hold))])
  const result = await withTransaction(pool, (db) => reserveOrders(db, request))
  expect(result.ok ? 'ok' : result.reason).toBe(expected)
  if (!result.ok) return () => Promise.resolve()
  await sendOrder(pool, order)
  model.open.push({ order, hold: amount, consumed: new Decimal(0), filled: new Decimal(0), fills: 0 })
  return async () => expect(await reserveOrders(pool, request)).toMatchObject({ ok: true })
}

async function fill(
  model: Model,
  open: OpenOrder,
  { share, priceCents, feeCents, scrape }: Extract<Step, { kind: 'fill' }>,
): Promise<() => Promise<void>> {
  const left = decimal(open.order.quantity).minus(open.filled)
  const quantity = Decimal.max('0.00000001', left.times(share).div(100).toDecimalPlaces(8, Decimal.ROUND_DOWN))
  const order = { ...open.order, filled_quantity: toText(open.filled) }
  const facts = posting(
    {
      order,
      quantity: toText(quantity),
      price: toText(new Decimal(priceCents).div(100)),
      fee: toText(new Decimal(feeCents).div(100)),
      tradeId: String(open.fills + 1),
    },
    model.position,
    scrape / 100,
  )
  const proceeds = decimal(facts.fill.notional)
  if (
    order.side === 'BUY' &&
    proceeds.plus(facts.fill.fee).gt(model.purses.USD.posted.minus(model.held('USD')).plus(open.hold.minus(open.consumed)))
  )
    return () => Promise.resolve()
  if (order.side === 'SELL' && proceeds.lt(facts.fill.fee)) return () => Promise.resolve()
  // Three computations of one fill: the product's, this test's and, by its checks, the database's.
  const { position, realized_pnl, scraped } = facts
  expect(applyFill({ position: model.position, fill: facts.fill, scrapeFraction: scrape / 100 })).toMatchObject({
    position,
    realized_pnl,
    scraped,
  })
  expect(await withTransaction(pool, (db) => recordFill(db, facts))).toMatchObject({ status: 'posted' })
  model.fill(open, facts)
  return async () => expect(await recordFill(pool, facts)).toEqual({ status: 'exists' })
}

async function release(model: Model, open: OpenOrder): Promise<void> {
  const { order_id, run_id, book } = open.order
  await withTransaction(pool, (db) =>
    releaseOrder(db, { order_id, run_id, book, state: 'CANCELLED', reason: null, market_time: marketTime }),
  )
  model.close(open)
}

async function setFraction(
  runId: string,
  model: Model,
  key: string,
  { asset, percent }: Extract<Step, { kind: 'fraction' }>,
): Promise<void> {
  const wallet = (await listWallets(pool, { runId })).find((each) => each.asset === asset)
  const request = {
    idempotency_key: key,
    wallet_id: wallet?.wallet_id ?? 0,
    fraction: percent / 100,
    who: 'model',
    reason: 'history',
    market_time: marketTime,
  }
  await withTransaction(pool, (db) => setTradeableFraction(db, request))
  Object.assign(model.purses[asset], { fraction: new Decimal(percent).div(100), netSpent: new Decimal(0) })
}

async function compare(runId: string, model: Model): Promise<void> {
  const balances = await getBalances(pool, runId)
  const tradeable = Object.fromEntries((await listWallets(pool, { runId })).map((wallet) => [wallet.asset, wallet.tradeable]))
  expect(tradeable).toEqual({ USD: toText(model.tradeable('USD')), BTC: toText(model.tradeable('BTC')) })
  for (const asset of ['USD', 'BTC'] as const) {
    const { posted, scraped, fees } = model.purses[asset]
    const expected = { posted: toText(posted), held: toText(model.held(asset)), scraped: toText(scraped), fees: toText(fees) }
    expect(balances[asset]).toEqual(expected)
  }
  const [position = noPosition] = await getPositions(pool, runId)
  expect({ ...position, average_price: null }).toEqual({ ...model.position, average_price: null })
}

describe('the ledger and a model of it', () => {
  it(`agree to the last digit over ${histories} random histories, and every asset sums to zero`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 14 }), (steps) => play(steps)),
      { numRuns: histories, endOnFailure: true },
    )
    const check = await withTransaction(pool, ledgerCheck, { isolation: 'repeatable read' })
    expect(check.problems).toEqual([])
    expect(check.transactions).toBeGreaterThan(histories)
    expect(check.sums).toEqual({ USD: '0', BTC: '0' })
  }, 300_000)
})
