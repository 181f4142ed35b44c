import type { VenueFill } from '../contract/fill.ts'
import type { Order } from '../contract/order.ts'
import { productAssets } from '../market/product.ts'
import { decimal, toText } from '../money/decimal.ts'
import { roundShare } from '../money/round.ts'

/**
 * The order after one more execution: PARTIAL until its release says otherwise, even where nothing is left to fill. The average
 * price is what was paid for all executions / their quantity, as the database has it.
 */
export function addFill({ order, fill }: { order: Order; fill: VenueFill }): Order {
  const before = decimal(order.filled_quantity)
  const quantity = before.plus(fill.quantity)
  if (quantity.gt(order.quantity))
    throw new Error(`order ${order.order_id} of ${order.quantity} cannot be filled up to ${toText(quantity)}`)
  // Notionals have the asset's scale, so rounding recovers the exact sum from the average.
  const paid = roundShare(before.times(order.average_price ?? 0), productAssets(order.product).quote).plus(fill.notional)
  return {
    ...order,
    state: 'PARTIAL',
    filled_quantity: toText(quantity),
    average_price: toText(paid.div(quantity)),
    fee: toText(decimal(order.fee).plus(fill.fee)),
    updated_at: fill.market_time,
  }
}
