import { proxyActivities, sleep, workflowInfo } from '@temporalio/workflow'
import { type BatchRequest, batchRequest, type BatchResult } from '@trader/core/contract/batch'
import type { DeniedMessage } from '@trader/core/contract/ledger-messages'
import type { Book } from '@trader/core/contract/primitives'
import type { Fill } from '@trader/core/contract/fill'
import { decimal, sum, toText } from '@trader/core/money/decimal'
import { blockOf } from '@trader/core/risk/block-of'
import { intentTtlMs } from '@trader/core/order/expiry'
import type { OrderOrigin } from '@trader/core/order/new-orders'
import type { GatheredRisk, ManualOrderActivities } from './activities.ts'
import { failureOf } from './failure-of.ts'
import { manualOrigin } from './names.ts'
import { parseInput } from './parse-input.ts'
import type { OrderHandle } from './place-mock-order.ts'
import { placeOrders, refusal, refusedOf } from './place-orders.ts'
import { recordRefusal } from './record.ts'
import { workflowNow } from './workflow-time.ts'

const { listFillsOf } = proxyActivities<ManualOrderActivities>({
  startToCloseTimeout: '15s',
  retry: { initialInterval: '100ms', maximumInterval: '5s' },
})

/**
 * Orders of the user's own: checked as a whole, reserved, started, and watched for a while. What could not be reserved within
 * `intentTtlMs` of being asked for, because Postgres or the worker was away, is refused: it must not trade when they come back.
 */
export async function PlaceMockBatchWorkflow(input: BatchRequest): Promise<BatchResult> {
  const { run_id: runId, book, idempotency_key, requests, wait_ms } = parseInput(batchRequest, input)
  const deadlineAt = workflowInfo().startTime.getTime() + intentTtlMs
  const origin = manualOrigin(idempotency_key)
  const from = { origin, correlationId: origin, runId, book }
  const gathered = await gatherBy(deadlineAt, { run_id: runId, book })
  if (!gathered.ok) {
    const unseen = { ...from, marketTime: null }
    await recordRefusal(
      origin,
      requests.map((request, index) => blockOf({ ...gathered, request, from: unseen, index })),
    )
    return gathered
  }
  const { risk, limits, feed, market_time: marketTime } = gathered.found
  const check = { requests, snapshot: risk, limits, policy: null, preferences: null, feed, marketTime }
  return placeAndWatch({ check, from: { ...from, marketTime }, deadlineAt, waitMs: wait_ms })
}

/** The market and the books, read before a wall time (ms) or not at all. */
async function gatherBy(
  deadlineAt: number,
  which: { run_id: string; book: Book },
): Promise<{ readonly ok: true; readonly found: GatheredRisk } | DeniedMessage> {
  const leftMs = deadlineAt - workflowNow()
  if (leftMs <= 0) return refusal('INTENT_EXPIRED', `it was asked for ${intentTtlMs - leftMs} ms ago, and nothing was there to place it`)
  const { gatherRisk } = proxyActivities<ManualOrderActivities>({
    startToCloseTimeout: '15s',
    scheduleToCloseTimeout: leftMs,
    retry: { initialInterval: '100ms', maximumInterval: '2s' },
  })
  try {
    return { ok: true, found: await gatherRisk(which) }
  } catch (error) {
    return refusal('INTENT_EXPIRED', `the market and the books could not be read within ${intentTtlMs} ms: ${failureOf(error).why}`)
  }
}

/** Places a batch by its deadline and waits for it to end, but not longer than `waitMs`. A refusal is recorded as a block. */
export async function placeAndWatch(options: {
  readonly check: Parameters<typeof placeOrders>[0]
  readonly from: OrderOrigin
  /** Wall time, ms. */
  readonly deadlineAt: number
  readonly waitMs: number
}): Promise<BatchResult> {
  const { check, from, deadlineAt, waitMs } = options
  const placed = await placeOrders(check, from, { placedAt: from.marketTime, deadlineAt })
  if (!placed.ok) {
    const blocks = refusedOf(check.requests, placed.index).map((request, index) => blockOf({ ...placed, request, from, index }))
    await recordRefusal(from.origin, blocks)
    return placed
  }
  const orders = await watch(placed.handles, waitMs, placed.orders)
  const fills = await listFillsOf(orders.map((order) => order.order_id))
  return { ok: true, order_count: orders.length, orders, fills: [...fills], ...totals(fills) }
}

async function watch(handles: readonly (OrderHandle | null)[], waitMs: number, placed: readonly OrderOf[]): Promise<OrderOf[]> {
  const latest = [...placed]
  const ends = handles.map(async (handle, index) => {
    if (handle !== null) latest[index] = await handle.result()
  })
  await Promise.race([Promise.all(ends), sleep(waitMs)])
  return latest
}

type OrderOf = Awaited<ReturnType<OrderHandle['result']>>

function totals(fills: readonly Fill[]): { total_cost: string; total_proceeds: string } {
  const cost = fills.filter((fill) => fill.side === 'BUY').map((fill) => decimal(fill.notional).plus(fill.fee))
  const proceeds = fills.filter((fill) => fill.side === 'SELL').map((fill) => decimal(fill.notional).minus(fill.fee))
  return { total_cost: toText(sum(cost)), total_proceeds: toText(sum(proceeds)) }
}
