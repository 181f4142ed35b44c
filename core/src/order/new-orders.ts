import type { OrderToReserve } from '../contract/ledger-messages.ts'
import type { Order } from '../contract/order.ts'
import type { Book } from '../contract/primitives.ts'
import { type Decimal, toText } from '../money/decimal.ts'
import type { CheckedOrder } from '../risk/check-orders.ts'
import type { SizedOrder } from '../risk/order-size.ts'
import { expiryOf, type IntentMarket } from './expiry.ts'
import { orderBodyHash } from './order-body-hash.ts'
import { orderId, orderWorkflowId } from './order-id.ts'

/** Where orders come from and when, in ms of market time. */
export interface OrderOrigin {
  readonly origin: string
  readonly correlationId: string
  readonly runId: string
  readonly book: Book
  readonly marketTime: number
  /** Place in the origin of the first of these orders; 0 where the origin has one batch. */
  readonly firstLeg?: number
}

/** When the orders are placed, in ms of market time, and the market they wait for: what their expiry follows from. */
export interface Placing {
  readonly placedAt: number
  readonly market: IntentMarket
}

/** Orders as they are reserved, from what risk let pass. Ids follow from the origin and the place in it. */
export function newOrders(orders: readonly CheckedOrder[], from: OrderOrigin & Placing): OrderToReserve[] {
  return orders.map((sized, index) => {
    const leg = (from.firstLeg ?? 0) + index
    const order = newOrder(sized, { ...from, leg })
    const hold = sized.hold === null ? null : { asset: sized.hold.asset, amount: toText(sized.hold.amount) }
    return { order, hold, body_sha256: orderBodyHash(order), limits: { risk: toText(sized.risk) } }
  })
}

function newOrder(sized: SizedOrder, from: OrderOrigin & Placing & { leg: number }): Order {
  return {
    order_id: orderId(from.origin, from.leg),
    workflow_id: orderWorkflowId(from.origin, from.leg),
    run_id: from.runId,
    book: from.book,
    origin: from.origin,
    leg: from.leg,
    correlation_id: from.correlationId,
    product: sized.product.id,
    side: sized.side,
    type: sized.type,
    time_in_force: sized.timeInForce,
    quantity: toText(sized.quantity),
    limit_price: textOrNull(sized.limitPrice),
    stop_price: textOrNull(sized.stopPrice),
    take_profit: textOrNull(sized.takeProfit),
    expected_edge_bps: sized.request.expected_edge_bps ?? null,
    parent_order_id: null,
    state: sized.hold === null ? 'ARMED' : 'RESERVED',
    state_reason: null,
    filled_quantity: '0',
    average_price: null,
    fee: '0',
    market_time: from.marketTime,
    updated_at: from.marketTime,
    expires_at: expiryOf({ ...from, type: sized.type, timeInForce: sized.timeInForce }),
  }
}

function textOrNull(value: Decimal | null): string | null {
  return value === null ? null : toText(value)
}
