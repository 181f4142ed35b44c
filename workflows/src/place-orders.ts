import { ActivityFailure, proxyActivities } from '@temporalio/workflow'
import type { DeniedMessage, ReserveBatch, ReserveResult } from '@trader/core/contract/ledger-messages'
import type { Order, OrderRequest } from '@trader/core/contract/order'
import { newOrders, type OrderOrigin } from '@trader/core/order/new-orders'
import { checkOrders, type CheckOptions } from '@trader/core/risk/check-orders'
import type { LedgerClientActivities } from './activities.ts'
import { type OrderHandle, startOrderWorkflows } from './place-mock-order.ts'

const { reserveOrders } = proxyActivities<LedgerClientActivities>({
  startToCloseTimeout: '30s',
  retry: { initialInterval: '100ms', maximumInterval: '10s', nonRetryableErrorTypes: ['LedgerRefused', 'IdempotencyConflict'] },
})

export type Placed =
  | { readonly ok: true; readonly orders: readonly Order[]; readonly handles: readonly (OrderHandle | null)[] }
  | DeniedMessage

/** Checks a batch, reserves it as a whole and starts its orders. It does not wait for their fills. */
export async function placeOrders(check: CheckOptions, from: OrderOrigin): Promise<Placed> {
  const checked = checkOrders(check)
  if (!checked.ok) return { ...checked, reasons: [...checked.reasons] }
  const batch = { batch_id: `${from.origin}-${from.firstLeg ?? 0}`, run_id: from.runId, book: from.book, market_time: from.marketTime }
  const reserved = await reserve({ ...batch, orders: newOrders(checked.orders, from) })
  if (!reserved.ok) return reserved
  return { ok: true, orders: reserved.orders, handles: await startOrderWorkflows(reserved.orders) }
}

/** What the ledger will never take, such as an order of a run that was closed meanwhile, is a refusal like any other. */
async function reserve(batch: ReserveBatch): Promise<ReserveResult> {
  try {
    return await reserveOrders(batch)
  } catch (error) {
    if (!(error instanceof ActivityFailure) || error.retryState !== 'NON_RETRYABLE_FAILURE') throw error
    const refusal = { reason: 'BATCH_REFUSED', detail: error.cause?.message ?? error.message } as const
    return { ok: false, ...refusal, reasons: [refusal], index: null }
  }
}

/** The request that was refused, or all where the refusal is of the whole batch. */
export function refusedOf(requests: readonly OrderRequest[], index: number | null): readonly OrderRequest[] {
  const request = index === null ? undefined : requests[index]
  return request === undefined ? requests : [request]
}
