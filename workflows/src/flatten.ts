import { proxyActivities, workflowInfo } from '@temporalio/workflow'
import type { BatchResult } from '@trader/core/contract/batch'
import { type FlattenRequest, flattenRequest, type FlattenResult } from '@trader/core/contract/flatten'
import type { OrderRequest } from '@trader/core/contract/order'
import { intentTtlMs } from '@trader/core/order/expiry'
import { decimal, sum, toText } from '@trader/core/money/decimal'
import type { GatheredRisk, ManualOrderActivities, PauseActivities } from './activities.ts'
import { flattenOrigin } from './names.ts'
import { parseInput } from './parse-input.ts'
import { placeAndWatch } from './place-mock-batch.ts'
import { workflowNow } from './workflow-time.ts'

const { gatherRisk, cancelOpenOrders } = proxyActivities<ManualOrderActivities>({
  startToCloseTimeout: '30s',
  retry: { initialInterval: '100ms', maximumInterval: '5s' },
})
const { pauseTrading } = proxyActivities<PauseActivities>({ startToCloseTimeout: '15s' })

/** Who asks to get out still wants it after a restart of the stack, but not hours later at another price. */
const patienceMs = 5 * 60_000

type PositionSale = FlattenResult['positions'][number]

/**
 * Pauses, cancels every open order, then sells each position at market, one batch each, so that one stale price stops no other sale.
 * However long the stack was away, it pauses and cancels; it sells nothing later than five minutes after it was asked to.
 */
export async function FlattenWorkflow(input: FlattenRequest): Promise<FlattenResult> {
  const request = parseInput(flattenRequest, input)
  const { run_id, book, reason, by } = request
  await pauseTrading({ book, reason: `flatten: ${reason}`, by })
  const before = await gatherRisk({ run_id, book })
  const { cancelled } = await cancelOpenOrders({ run_id, book, reason: `flatten: ${reason}`, market_time: before.market_time })
  const gathered = await gatherRisk({ run_id, book })
  const held = gathered.risk.portfolio.positions.filter((position) => position.quantity !== '0')
  const positions = await Promise.all(held.map(({ product, quantity }) => sell({ product, quantity, gathered, request })))
  return { cancelled_orders: [...cancelled], positions }
}

async function sell(options: {
  readonly product: string
  readonly quantity: string
  readonly gathered: GatheredRisk
  readonly request: FlattenRequest
}): Promise<PositionSale> {
  const { product, quantity, gathered, request } = options
  const { risk, limits, feed, market_time: marketTime } = gathered
  const order: OrderRequest = { product, side: 'SELL', type: 'market', quantity, time_in_force: 'IOC' }
  const origin = `${flattenOrigin(request.idempotency_key)}-${product}`
  const from = { origin, correlationId: origin, runId: request.run_id, book: request.book, marketTime }
  const check = { requests: [order], snapshot: risk, limits, policy: null, preferences: null, feed, marketTime }
  const deadlineAt = Math.min(workflowNow() + intentTtlMs, workflowInfo().startTime.getTime() + patienceMs)
  return saleOf({ product, quantity, result: await placeAndWatch({ check, from, deadlineAt, waitMs: request.wait_ms }) })
}

function saleOf({ product, quantity, result }: { product: string; quantity: string; result: BatchResult }): PositionSale {
  if (!result.ok) return { product, quantity, sold: '0', remaining: quantity, proceeds: '0', problem: result.detail }
  const sold = sum(result.fills.map((fill) => decimal(fill.quantity)))
  const remaining = decimal(quantity).minus(sold)
  const [order] = result.orders
  const problem = remaining.isZero() ? null : (order?.state_reason ?? `the order is still ${order?.state ?? 'open'}`)
  return { product, quantity, sold: toText(sold), remaining: toText(remaining), proceeds: result.total_proceeds, problem }
}
