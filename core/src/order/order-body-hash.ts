import type { Order } from '../contract/order.ts'
import { bodyHash } from './body-hash.ts'

/** Hash of what an order asks for: everything but its progress. A repeated reserve must ask for the same. */
export function orderBodyHash(order: Order): string {
  const { state, state_reason, filled_quantity, average_price, fee, updated_at, ...body } = order
  return bodyHash(body)
}
