import { describe, expect, it } from 'vitest'
import type { Order } from '../contract/order.ts'
import { orderRequest } from '../contract/order.ts'
import { orderId } from './order-id.ts'
import { protectiveOrders, protectiveRequest } from './protective-orders.ts'

const entry: Order = {
  order_id: orderId('manual-a', 0),
  workflow_id: 'order-manual-a-0',
  run_id: 'run-1',
  book: 'paper',
  origin: 'manual-a',
  leg: 0,
  correlation_id: 'decision-1',
  product: 'BTC-USD',
  side: 'BUY',
  type: 'limit',
  time_in_force: 'IOC',
  quantity: '5',
  limit_price: '100',
  stop_price: '95',
  take_profit: '110',
  expected_edge_bps: 300,
  parent_order_id: null,
  state: 'PARTIAL',
  state_reason: null,
  filled_quantity: '3',
  average_price: '99',
  fee: '1',
  market_time: 1000,
  updated_at: 2000,
  expires_at: 9000,
}
const armed = (change: Partial<Order> = {}) =>
  protectiveOrders({ entry: { ...entry, ...change }, quantity: '3', origin: 'protect-a-1', marketTime: 2000 })

describe('protectiveOrders', () => {
  it('arms a stop and a take-profit for what was filled, to sell at market for as long as it takes', () => {
    const [stop, takeProfit, ...more] = armed()
    expect(more).toEqual([])
    const both = { side: 'SELL', quantity: '3', time_in_force: 'GTC', limit_price: null, state: 'ARMED', parent_order_id: entry.order_id }
    expect(stop?.order).toMatchObject({ ...both, type: 'stop', stop_price: '95', take_profit: null, leg: 0 })
    expect(takeProfit?.order).toMatchObject({ ...both, type: 'take_profit', stop_price: null, take_profit: '110', leg: 1 })
  })

  it('starts them anew: nothing filled, no fee, no expiry, and nothing held', () => {
    for (const { order, hold, limits } of armed()) {
      expect(order).toMatchObject({ filled_quantity: '0', average_price: null, fee: '0', expires_at: null, market_time: 2000 })
      expect([hold, limits]).toEqual([null, { risk: '0' }])
      expect(order.correlation_id).toBe('decision-1')
    }
  })

  it('arms only what was asked for', () => {
    expect(armed({ take_profit: null }).map(({ order }) => order.type)).toEqual(['stop'])
    expect(armed({ stop_price: null }).map(({ order }) => order.type)).toEqual(['take_profit'])
    expect(armed({ stop_price: null, take_profit: null })).toEqual([])
  })

  it('has the same ids whenever it is asked, and others for another fill', () => {
    const ids = (origin: string) => protectiveOrders({ entry, quantity: '3', origin, marketTime: 2000 }).map(({ order }) => order.order_id)
    expect(ids('protect-a-1')).toEqual(ids('protect-a-1'))
    expect(new Set([...ids('protect-a-1'), ...ids('protect-a-2')]).size).toBe(4)
  })
})

describe('protectiveRequest', () => {
  it('is a request that could be made', () => {
    const requests = armed().map(({ order }) => protectiveRequest(order))
    expect(requests.map((request) => orderRequest.parse(request))).toEqual(requests)
    expect(requests).toMatchObject([
      { type: 'stop', stop_price: '95' },
      { type: 'take_profit', take_profit: '110' },
    ])
  })
})
