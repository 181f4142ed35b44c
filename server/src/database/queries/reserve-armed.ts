import type { ReserveResult, ReserveTriggered } from '@trader/core/contract/ledger-messages'
import type { Database } from '../pool.ts'
import { reserveResult, type ReserveAnswer } from './reserve-orders.ts'
import { json, value } from './value.ts'

/** Holds what a triggered stop or take-profit may still sell (its quantity shrinks to that) and cancels its armed siblings. */
export async function reserveArmed(db: Database, request: ReserveTriggered): Promise<ReserveResult> {
  return reserveResult(await value<ReserveAnswer>(db, 'select reserve_armed($1) as value', [json(request)]))
}
