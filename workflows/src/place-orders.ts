import { proxyActivities } from '@temporalio/workflow'
import type { DeniedMessage, ReserveBatch, ReserveResult } from '@trader/core/contract/ledger-messages'
import type { Order, OrderRequest } from '@trader/core/contract/order'
import { newOrders, type OrderOrigin } from '@trader/core/order/new-orders'
import type { DeniedReason } from '@trader/core/risk/denied-reason'
import { checkOrders, type CheckOptions } from '@trader/core/risk/check-orders'
import type { LedgerClientActivities } from './activities.ts'
import { failureOf } from './failure-of.ts'
import { type OrderHandle, startOrderWorkflows } from './place-mock-order.ts'
import { workflowNow } from './workflow-time.ts'

/** What is left after the deadline for the ledger to say that it has passed, in ms; so most refusals are Postgres' own. */
const graceMs = 5000

export type Placed =
  | { readonly ok: true; readonly orders: readonly Order[]; readonly handles: readonly (OrderHandle | null)[] }
  | DeniedMessage

/** `placedAt` is market time in ms; from `deadlineAt`, wall time in ms, nothing may be reserved any more. */
export interface Timing {
  readonly placedAt: number
  readonly deadlineAt: number
}

/** Checks a batch, reserves it as a whole and starts its orders. It does not wait for their fills. */
export async function placeOrders(check: CheckOptions, from: OrderOrigin, { placedAt, deadlineAt }: Timing): Promise<Placed> {
  const checked = checkOrders(check)
  if (!checked.ok) return { ...checked, reasons: [...checked.reasons] }
  const orders = newOrders(checked.orders, { ...from, placedAt, market: check.feed })
  const batch = { batch_id: `${from.origin}-${from.firstLeg ?? 0}`, run_id: from.runId, book: from.book, market_time: from.marketTime }
  const reserved = await reserve({ ...batch, deadline_at: deadlineAt, orders })
  if (!reserved.ok) return reserved
  return { ok: true, orders: reserved.orders, handles: await startOrderWorkflows(reserved.orders) }
}

/**
 * Reserves by the deadline or not at all: the ledger's transaction refuses what comes later, however often it is tried. No answer in
 * time is a refusal too. Should its transaction have committed all the same, and only the answer be lost, nothing of it is ever sent:
 * what is reserved without a workflow is released by the worker's watch over lost orders.
 */
async function reserve(batch: ReserveBatch & { readonly deadline_at: number }): Promise<ReserveResult> {
  const leftMs = batch.deadline_at - workflowNow()
  if (leftMs <= 0) return refusal('INTENT_EXPIRED', `it was asked for too long ago: the time to reserve it ended ${-leftMs} ms ago`)
  const { reserveOrders } = proxyActivities<LedgerClientActivities>({
    startToCloseTimeout: '10s',
    scheduleToCloseTimeout: leftMs + graceMs,
    retry: { initialInterval: '100ms', maximumInterval: '2s', nonRetryableErrorTypes: ['LedgerRefused', 'IdempotencyConflict'] },
  })
  try {
    return await reserveOrders(batch)
  } catch (error) {
    const failure = failureOf(error)
    // What the ledger will never take, such as an order of a run that was closed meanwhile, is a refusal like any other.
    if (failure.isPermanent) return refusal('BATCH_REFUSED', failure.why)
    return refusal('INTENT_EXPIRED', `the ledger could not reserve it in time: ${failure.why}`)
  }
}

export function refusal(reason: DeniedReason, detail: string): DeniedMessage {
  return { ok: false, reason, detail, reasons: [{ reason, detail }], index: null }
}

/** The request that was refused, or all where the refusal is of the whole batch. */
export function refusedOf(requests: readonly OrderRequest[], index: number | null): readonly OrderRequest[] {
  const request = index === null ? undefined : requests[index]
  return request === undefined ? requests : [request]
}
