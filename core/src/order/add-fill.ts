import type { VenueFill } from '../contract/fill.ts'
import type { Order } from '../contract/order.ts'
import { decimal, toText } from '../money/decimal.ts'

/** The order after one more execution: PARTIAL until its release says otherwise. The average price is weighted by quantity. */
export function addFill({ order, fill }: { order: Order; fill: VenueFill }): Order {
  const before = decimal(order.filled_quantity)
  const quantity = before.plus(fill.quantity)
  if (quantity.gt(order.quantity))
    throw new Error(`order ${order.order_id} of ${order.quantity} cannot be filled up to ${toText(quantity)}`)
  const paid = before.times(order.average_price ?? 0).plus(decimal(fill.quantity).times(fill.price))
  return {
    ...order,
    state: 'PARTIAL',
    filled_quantity: toText(quantity),
    average_price: toText(paid.div(quantity)),
    fee: toText(decimal(order.fee).plus(fill.fee)),
    updated_at: fill.market_time,
  }
}
