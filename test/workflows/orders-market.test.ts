import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import type { ReserveResult } from '@trader/core/contract/ledger-messages'
import { withTransaction } from '@trader/server/database/pool'
import { reserveOrders } from '@trader/server/database/queries/reserve-orders'
import { batch, newOrder, toReserve } from '../database/book.ts'
import { Exchange, Market } from './orders.ts'

let exchange: Exchange
let market: Market
/** Happens after risk has looked and before anything is reserved. */
let afterGather = async (): Promise<void> => undefined

beforeAll(async () => {
  exchange = await Exchange.start(inject('postgresUrl'))
  await exchange.startWorker((activities) => ({
    ...activities,
    gatherRisk: async (input: Parameters<typeof activities.gatherRisk>[0]) => {
      const gathered = await activities.gatherRisk(input)
      await afterGather()
      return gathered
    },
  }))
})
afterAll(() => exchange.stop())
beforeEach(async () => {
  afterGather = async () => undefined
  market = await Market.open(exchange)
  await market.tick()
})
afterEach(() => market.check())

describe('a market order', () => {
  it('buys at the ask with impact and fee, never at a price the caller chose, and only from the next tick on', async () => {
    // 4 x 100 = 400 of the last minute's 1,000,000: impact 10 bps x sqrt(0.0004) = 0.2 bps, so 100.002; fee 60 bps.
    const id = await market.buy({ quantity: '4', limit_price: '104' })
    expect(await market.fills(id)).toEqual([])

    await market.tick()

    const [fill, ...more] = await market.fills(id)
    expect(more).toEqual([])
    expect(fill).toMatchObject({ quantity: '4', price: '100.002', notional: '400.008', fee: '2.400048', liquidity: 'taker' })
    expect(fill).toMatchObject({ realized_pnl: '0', scraped: '0', position_quantity_after: '4' })
    expect(await market.order(id)).toMatchObject({ state: 'FILLED', filled_quantity: '4', average_price: '100.002', fee: '2.400048' })
    expect(await market.balances()).toMatchObject({ USD: { posted: '9597.591952', held: '0', fees: '2.400048' }, BTC: { posted: '4' } })
  })

  it('expires where no tick comes within a candle, and what it held comes back; a limit that may rest goes on', async () => {
    const id = await market.buy({ quantity: '4' })
    const { market_time, expires_at } = await market.order(id)
    expect(expires_at).toBe(market_time + 60_000)
    await market.tick({ after: 60_001 })
    expect(await market.fills()).toEqual([])
    expect(await market.ended(id)).toMatchObject({ state: 'EXPIRED', state_reason: `expired at ${expires_at}`, updated_at: market.time })
    expect(await market.heldOf('USD')).toBe('0')

    const limit = await market.buy({ type: 'limit', quantity: '1', limit_price: '98' })
    expect(await market.order(limit)).toMatchObject({ expires_at: null })
    await market.tick({ after: 3_600_000, bid: '97' })
    expect(await market.order(limit)).toMatchObject({ state: 'FILLED' })
  })

  it('sells at the bid with impact and fee', async () => {
    await market.buy({ quantity: '4' })
    await market.tick()
    const id = await market.sell({ quantity: '4' })
    await market.tick({ bid: '100' })

    expect(await market.fills(id)).toMatchObject([{ price: '99.998', notional: '399.992', fee: '2.399952' }])
    // 399.992 - 2.399952 - 400.008 - 2.400048
    expect(await market.fills(id)).toMatchObject([{ realized_pnl: '-4.816', scraped: '0' }])
    expect(await market.balances()).toMatchObject({ USD: { posted: '9995.184', held: '0' }, BTC: { posted: '0', held: '0' } })
  })

  it('reserves before it fills, and what it did not need comes back once', async () => {
    const id = await market.buy({ quantity: '4' })
    // 4 at the limit 100.002 x 1.01 = 101.00 (to the cent), the fee of 2.424, and room for rounding.
    expect(await market.heldOf('USD')).toBe('406.42401')
    await market.tick()
    expect(await market.heldOf('USD')).toBe('0')
    expect(await holdsOf(id)).toEqual([{ state: 'consumed', amount: '406.42401' }])
    await market.tick()
    expect(await market.heldOf('USD')).toBe('0')

    const sale = await market.sell({ quantity: '1.5' })
    expect(await market.heldOf('BTC')).toBe('1.5')
    await market.tick()
    expect(await market.balances()).toMatchObject({ BTC: { posted: '2.5', held: '0' } })
    expect(await holdsOf(sale)).toMatchObject([{ state: 'consumed' }])
  })

  it('that the market runs away from never costs more than its hold', async () => {
    const id = await market.buy({ quantity: '4' })
    await market.tick({ bid: '102' })
    expect(await market.order(id)).toMatchObject({ state: 'CANCELLED', filled_quantity: '0' })
    expect(await market.balances()).toMatchObject({ USD: { posted: '10000', held: '0' } })
  })

  it('without volume does not fill, and is cancelled with its hold returned', async () => {
    const id = await market.buy({ quantity: '4' })
    await market.tick({ volume: '0' })
    expect(await market.order(id)).toMatchObject({ state: 'CANCELLED', state_reason: 'IOC: 4 of 4 did not fill at the first tick' })
    expect(await market.ended(id)).toMatchObject({ state: 'CANCELLED', filled_quantity: '0' })
    expect(await market.heldOf('USD')).toBe('0')
    expect(await holdsOf(id)).toMatchObject([{ state: 'released' }])
  })

  it('is answered by its workflow as Postgres has it', async () => {
    const id = await market.buy({ quantity: '4' })
    await market.tick()
    const stored = await market.order(id)
    expect(await market.ended(id)).toEqual(stored)
  })
})

describe('a batch', () => {
  it('is taken as a whole: two orders, one answer', async () => {
    const result = await market.place([{ quantity: '2' }, { quantity: '5' }])
    expect(result).toMatchObject({ ok: true, order_count: 2, orders: [{ quantity: '2' }, { quantity: '5' }] })
    await market.tick()
    expect(await market.quantity()).toBe('7')
  })

  it('of which one order is refused reserves nothing, and the block says why', async () => {
    const key = market.nextKey()
    const result = await market.place([{ quantity: '2' }, { quantity: '2000' }], key)
    expect(result).toMatchObject({ ok: false, reason: 'INSUFFICIENT_CASH', index: 1 })
    expect(await market.orders()).toEqual([])
    expect(await market.balances()).toMatchObject({ USD: { posted: '10000', held: '0' } })
    // The first of the two would hold 203.21201.
    const detail = 'BUY 2000 BTC-USD needs 203292.48001 USD with fee and buffer; 9796.78799 is available'
    const block = { reason: 'INSUFFICIENT_CASH', detail, correlation_id: `manual-${key}`, request: { quantity: '2000' } }
    expect(await market.blocks()).toMatchObject([block])
    expect(await market.events('trade_blocked')).toMatchObject([{ correlation_id: `manual-${key}`, payload: block }])
  })

  it('that Postgres refuses after risk has passed it reserves nothing either', async () => {
    const setFraction = `update wallet set tradeable_fraction = 0.04 where run_id = $1 and asset = 'USD'`
    afterGather = async () => void (await exchange.pool.query(setFraction, [market.runId]))
    const result = await market.place([{ quantity: '1' }, { quantity: '3.5' }])
    expect(result).toMatchObject({ ok: false, reason: 'TRADEABLE_FRACTION', index: 1 })
    expect(await market.orders()).toEqual([])
    expect(await market.heldOf('USD')).toBe('0')
    expect(await market.blocks()).toMatchObject([{ reason: 'TRADEABLE_FRACTION', request: { quantity: '3.5' } }])
  })
})

describe('profit', () => {
  it('of a sale is split as the user chose: a fifth set aside, the rest reinvested, and none of the set-aside is ever spent', async () => {
    market = await Market.open(exchange, { cash: '100000' })
    await market.tick({ bid: '100', lastMinute: '2000000' })
    // Buy 200 at 100 x (1 + 10 bps x sqrt(20,000 / 2,000,000)) = 100.01: 20,002 and 120.012 in fees.
    await market.buy({ quantity: '200' })
    await market.tick({ bid: '100', volume: '10000', lastMinute: '2000000' })
    // Sell 200 at 127 x (1 - 10 bps x sqrt(25,400 / 2,540,000)) = 126.9873: 25,397.46 less 152.38476.
    const id = await market.sell({ quantity: '200' })
    await market.tick({ bid: '127', volume: '10000', lastMinute: '2540000' })

    // 25,397.46 - 152.38476 - 20,002 - 120.012 = 5,123.06324, of which 20 % are 1,024.612648 and 4,098.450592 go on trading.
    expect(await market.fills(id)).toMatchObject([{ price: '126.9873', realized_pnl: '5123.06324', scraped: '1024.612648' }])
    const { USD } = await market.balances()
    expect(USD).toEqual({ posted: '104098.450592', held: '0', scraped: '1024.612648', fees: '272.39676' })
    expect(await market.events('profit_scraped')).toMatchObject([{ payload: { scraped: '1024.612648', scrape_fraction: '0.2' } }])

    // All that may be spent is what was posted: even without any other limit an order over it is refused.
    const tooMuch = await answerTo('104099')
    expect(tooMuch).toMatchObject({
      ok: false,
      reason: 'INSUFFICIENT_CASH',
      detail: expect.stringContaining('available are 104098.450592'),
    })
    expect(await answerTo('104098')).toMatchObject({ ok: true })
  })
})

const holdsOf = async (orderId: string): Promise<{ state: string; amount: string }[]> =>
  (await exchange.pool.query<{ state: string; amount: string }>('select state, amount from hold where order_id = $1', [orderId])).rows

/** What Postgres says to a purchase that holds this much; nothing of it stays. */
async function answerTo(hold: string): Promise<ReserveResult> {
  const order = newOrder(market.runId, { origin: `hold-${hold}`, quantity: '1' })
  const taken = withTransaction(exchange.pool, async (db) => {
    const answer = await reserveOrders(db, batch(market.runId, `hold-${hold}`, [toReserve(order, hold)]))
    throw new Undone(answer)
  })
  return taken.catch((error: unknown) => {
    if (error instanceof Undone) return error.answer
    throw error
  })
}

class Undone extends Error {
  readonly answer: ReserveResult
  constructor(answer: ReserveResult) {
    super('undone')
    this.answer = answer
  }
}
