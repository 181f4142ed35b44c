import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { VenueFill } from '../contract/fill.ts'
import type { Order } from '../contract/order.ts'
import { decimal, Decimal, toText } from '../money/decimal.ts'
import { addFill } from './add-fill.ts'
import { fillId, orderId } from './order-id.ts'

const order: Order = {
  order_id: orderId('manual-a', 0),
  workflow_id: 'order-manual-a-0',
  run_id: 'run-1',
  book: 'paper',
  origin: 'manual-a',
  leg: 0,
  correlation_id: 'manual-a',
  product: 'BTC-USD',
  side: 'BUY',
  type: 'limit',
  time_in_force: 'GTC',
  quantity: '5',
  limit_price: '100',
  stop_price: null,
  take_profit: null,
  expected_edge_bps: null,
  parent_order_id: null,
  state: 'WORKING',
  state_reason: null,
  filled_quantity: '0',
  average_price: null,
  fee: '0',
  market_time: 1000,
  updated_at: 1000,
  expires_at: null,
}

function fillOf({
  quantity,
  notional,
  fee = '0.1',
  trade = 1,
}: {
  quantity: string
  notional: string
  fee?: string
  trade?: number
}): VenueFill {
  const price = toText(decimal(notional).div(quantity))
  const { order_id, product, side } = order
  const trade_id = String(trade)
  const what = { order_id, product, side, quantity, price, notional, fee, trade_id }
  return { ...what, fill_id: fillId({ orderId: order_id, tradeId: trade_id }), liquidity: 'taker', market_time: 1000 + trade }
}

describe('addFill', () => {
  it('adds up quantity and fee and averages the price by quantity', () => {
    const once = addFill({ order, fill: fillOf({ quantity: '2', notional: '200' }) })
    expect(once).toMatchObject({ state: 'PARTIAL', filled_quantity: '2', average_price: '100', fee: '0.1', updated_at: 1001 })
    const twice = addFill({ order: once, fill: fillOf({ quantity: '2', notional: '190', trade: 2 }) })
    expect(twice).toMatchObject({ state: 'PARTIAL', filled_quantity: '4', average_price: '97.5', fee: '0.2', updated_at: 1002 })
  })

  it('leaves the end of an order to its release, even where nothing is left to fill', () => {
    expect(addFill({ order, fill: fillOf({ quantity: '5', notional: '500' }) })).toMatchObject({ state: 'PARTIAL', filled_quantity: '5' })
  })

  it('refuses more than was ordered', () => {
    expect(() => addFill({ order, fill: fillOf({ quantity: '5.1', notional: '500' }) })).toThrow('of 5 cannot be filled up to 5.1')
  })

  it('has for every series of fills the average that the database has: all that was paid / all that was bought', () => {
    const satoshis = fc.integer({ min: 1, max: 100_000_000 }).map((units) => new Decimal(units).div(100_000_000))
    const fills = fc.array(fc.record({ quantity: satoshis, notional: satoshis.map((part) => part.times(77_777)) }), {
      minLength: 1,
      maxLength: 5,
    })
    fc.assert(
      fc.property(fills, (series) => {
        let filled = order
        for (const [index, { quantity, notional }] of series.entries()) {
          const fill = fillOf({ quantity: toText(quantity), notional: notional.toFixed(8), trade: index + 1 })
          filled = addFill({ order: filled, fill })
        }
        const paid = series.reduce((total, { notional }) => total.plus(notional.toFixed(8)), new Decimal(0))
        expect(filled.average_price).toBe(toText(paid.div(filled.filled_quantity)))
      }),
    )
  })
})
