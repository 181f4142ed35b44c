import { describe, expect, it } from 'vitest'
import type { Order } from '../contract/order.ts'
import { bodyHash } from './body-hash.ts'
import { orderBodyHash } from './order-body-hash.ts'

const order: Order = {
  order_id: '8f6f3765-794a-5da5-970a-2a2b2a045a5f',
  workflow_id: 'order-manual-a-0',
  run_id: 'r1',
  book: 'paper',
  origin: 'manual-a',
  leg: 0,
  correlation_id: 'manual-a',
  product: 'BTC-USD',
  side: 'BUY',
  type: 'market',
  time_in_force: 'IOC',
  quantity: '1',
  limit_price: null,
  stop_price: null,
  take_profit: null,
  expected_edge_bps: null,
  parent_order_id: null,
  state: 'RESERVED',
  state_reason: null,
  filled_quantity: '0',
  average_price: null,
  fee: '0',
  market_time: 1,
  updated_at: 1,
  expires_at: null,
}

describe('the hash of an order', () => {
  it('does not change while the order lives', () => {
    const later: Order = {
      ...order,
      state: 'PARTIAL',
      state_reason: 'x',
      filled_quantity: '0.5',
      average_price: '1',
      fee: '2',
      updated_at: 9,
    }
    expect(orderBodyHash(later)).toBe(orderBodyHash(order))
  })

  it('covers all that was asked for', () => {
    const { state, state_reason, filled_quantity, average_price, fee, updated_at, ...body } = order
    expect([state, state_reason, filled_quantity, average_price, fee, updated_at]).toHaveLength(6)
    expect(orderBodyHash(order)).toBe(bodyHash(body))
    for (const change of [{ quantity: '2' }, { limit_price: '9' }, { side: 'SELL' as const }, { leg: 1 }, { expires_at: 5 }]) {
      expect(orderBodyHash({ ...order, ...change })).not.toBe(orderBodyHash(order))
    }
  })
})
