import { proxyActivities, sleep } from '@temporalio/workflow'
import { type BatchRequest, batchRequest, type BatchResult } from '@trader/core/contract/batch'
import type { Fill } from '@trader/core/contract/fill'
import { decimal, sum, toText } from '@trader/core/money/decimal'
import { blockOf } from '@trader/core/risk/block-of'
import type { OrderOrigin } from '@trader/core/order/new-orders'
import type { ManualOrderActivities } from './activities.ts'
import { manualOrigin } from './names.ts'
import { parseInput } from './parse-input.ts'
import type { OrderHandle } from './place-mock-order.ts'
import { placeOrders, refusedOf } from './place-orders.ts'

const { gatherRisk, recordBlocks, listFillsOf } = proxyActivities<ManualOrderActivities>({
  startToCloseTimeout: '15s',
  retry: { initialInterval: '100ms', maximumInterval: '5s' },
})

/** Orders of the user's own: checked as a whole, reserved, started, and watched for a while. */
export async function PlaceMockBatchWorkflow(input: BatchRequest): Promise<BatchResult> {
  const { run_id: runId, book, idempotency_key, requests, wait_ms } = parseInput(batchRequest, input)
  const { risk, limits, feed, market_time: marketTime } = await gatherRisk({ run_id: runId, book })
  const origin = manualOrigin(idempotency_key)
  const from = { origin, correlationId: origin, runId, book, marketTime }
  const check = { requests, snapshot: risk, limits, policy: null, preferences: null, feed, marketTime }
  return placeAndWatch({ check, from, waitMs: wait_ms })
}

/** Places a batch and waits for it to end, but not longer than `waitMs`. A refusal is recorded as a block. */
export async function placeAndWatch(options: {
  readonly check: Parameters<typeof placeOrders>[0]
  readonly from: OrderOrigin
  readonly waitMs: number
}): Promise<BatchResult> {
  const { check, from, waitMs } = options
  const placed = await placeOrders(check, from)
  if (!placed.ok) {
    await recordBlocks(refusedOf(check.requests, placed.index).map((request, index) => blockOf({ ...placed, request, from, index })))
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
