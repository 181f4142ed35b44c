import type { Order, OrderState } from '@trader/core/contract/order'
import type { Database } from '../pool.ts'
import { json, value } from './value.ts'

export type MoveResult =
  | { ok: true; order: Order }
  | { ok: false; reason: 'STATE_MISMATCH' | 'TRADING_PAUSED' | 'TRADING_HALTED' | 'INTENT_EXPIRED'; detail: string; state: OrderState }

/**
 * Moves an order that still is in `from` to another open state; being there already is fine. SENT is the last gate before
 * the wire: it needs the flag to allow the order, an intent that has not expired and an `epoch` (default 0) that no newer sender
 * has passed.
 */
export async function moveOrder(
  db: Database,
  request: { order_id: string; from: OrderState; to: OrderState; reason?: string; epoch?: number; market_time: number },
): Promise<MoveResult> {
  return value(db, 'select move_order($1) as value', [json(request)])
}
