import type { OrderToReserve } from '../contract/ledger-messages.ts'
import type { Order } from '../contract/order.ts'
import { type Decimal, toText } from '../money/decimal.ts'
import type { SizedOrder } from '../risk/order-size.ts'
import { orderBodyHash } from './order-body-hash.ts'
import { orderId } from './order-id.ts'

/** A checked order in full, ready to be reserved; an exit that waits for its trigger is ARMED and holds nothing. */
export function newOrder(options: {
  readonly sized: SizedOrder
  readonly origin: string
  readonly leg: number
  readonly runId: string
  readonly book: string
  readonly correlationId: string
  readonly marketTime: number
  readonly expiresAt: number | null
}): OrderToReserve {
  const { sized, origin, leg, marketTime } = options
  const order: Order = {
    order_id: orderId(origin, leg),
    workflow_id: `order-${origin}-${leg}`,
    run_id: options.runId,
    book: options.book,
    origin,
    leg,
    correlation_id: options.correlationId,
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
    market_time: marketTime,
    updated_at: marketTime,
    expires_at: options.expiresAt,
  }
  const hold = sized.hold === null ? null : { asset: sized.hold.asset, amount: toText(sized.hold.amount) }
  return { order, hold, body_sha256: orderBodyHash(order) }
}

function textOrNull(value: Decimal | null): string | null {
  return value === null ? null : toText(value)
}
