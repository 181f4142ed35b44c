import type { DeniedMessage, ReserveBatch, ReserveResult } from '@trader/core/contract/ledger-messages'
import type { Order } from '@trader/core/contract/order'
import type { Balances } from '@trader/core/contract/ledger-messages'
import type { Database } from '../pool.ts'
import { json, value } from './value.ts'

/** What reserve_orders and reserve_armed answer. A repeated call answers with the orders as they are now. */
export type ReserveAnswer =
  | { ok: true; orders: Order[]; balances: Balances }
  | { ok: false; reason: DeniedMessage['reason']; detail: string; index?: number }

/** Intents, orders and holds of a whole batch, or of none. The batch id is the key. */
export async function reserveOrders(db: Database, batch: ReserveBatch): Promise<ReserveResult> {
  return reserveResult(await value<ReserveAnswer>(db, 'select reserve_orders($1) as value', [json(batch)]))
}

export function reserveResult(answer: ReserveAnswer): ReserveResult {
  if (!answer.ok) {
    const { reason, detail, index = null } = answer
    return { ok: false, reason, detail, reasons: [{ reason, detail }], index }
  }
  return { ok: true, orders: answer.orders, balances: answer.balances }
}
