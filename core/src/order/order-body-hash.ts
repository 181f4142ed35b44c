import type { Order } from '../contract/order.ts'
import { bodyHash } from './body-hash.ts'

/** What changes while an order lives. */
const progress: ReadonlySet<string> = new Set(['state', 'state_reason', 'filled_quantity', 'average_price', 'fee', 'updated_at'])

/** Hash of what an order asks for: everything but its progress. A repeated reserve must ask for the same. */
export function orderBodyHash(order: Order): string {
  return bodyHash(Object.fromEntries(Object.entries(order).filter(([key]) => !progress.has(key))))
}
