import type { Balances, ReleaseOrder } from '@trader/core/contract/ledger-messages'
import type { OrderState } from '@trader/core/contract/order'
import type { Database } from '../pool.ts'
import { json, value } from './value.ts'

/** Ends an order and returns the rest of its hold, once. `state` is where the order stands: the older end where it was over already. */
export async function releaseOrder(db: Database, request: ReleaseOrder): Promise<{ state: OrderState; balances: Balances }> {
  return value(db, 'select release_order($1) as value', [json(request)])
}
