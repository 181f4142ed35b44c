import {
  allHandlersFinished,
  type ChildWorkflowHandle,
  condition,
  continueAsNew,
  ParentClosePolicy,
  proxyActivities,
  setHandler,
  startChild,
} from '@temporalio/workflow'
import type { Order, OrderState } from '@trader/core/contract/order'
import { cancelRequest, type CancelRequest, venueReport, type VenueReport } from '@trader/core/contract/venue-report'
import { addFill } from '@trader/core/order/add-fill'
import { protectiveOrders } from '@trader/core/order/protective-orders'
import { isTerminal } from '@trader/core/order/state-machine'
import type { LedgerClientActivities, PaperVenueActivities } from './activities.ts'
import * as messages from './messages.ts'
import { protectionOrigin } from './names.ts'
import { RollOver } from './roll-over.ts'
import { serially } from './serial.ts'

const { reserveOrders, reserveTriggeredOrder, recordFill, releaseOrder } = proxyActivities<LedgerClientActivities>({
  startToCloseTimeout: '30s',
  retry: { initialInterval: '100ms', maximumInterval: '10s', nonRetryableErrorTypes: ['LedgerRefused', 'IdempotencyConflict'] },
})
const { submitPaperOrder, cancelPaperOrder, cancelArmedOrders } = proxyActivities<PaperVenueActivities>({
  startToCloseTimeout: '30s',
  retry: { initialInterval: '100ms', maximumInterval: '10s' },
})

export interface PlaceMockOrderInput {
  /** RESERVED, or ARMED for a stop or take-profit. */
  readonly order: Order
  /** The last report that was settled; given only at continue-as-new. */
  readonly settled?: number
}

/** The life of one paper order from its reservation to its end: submit, settle each report of the venue, release. */
export async function PlaceMockOrderWorkflow(input: PlaceMockOrderInput): Promise<Order> {
  let order = input.order
  let settled = input.settled ?? 0
  let isSubmitted = input.settled !== undefined
  const rollOver = new RollOver()
  const oneAtATime = serially()
  const { run_id, book, product, order_id, correlation_id } = order

  const finish = async (state: OrderState, reason: string | null, marketTime: number): Promise<void> => {
    await releaseOrder({ order_id, run_id, book, state, reason, market_time: marketTime })
    order = { ...order, state, state_reason: reason, updated_at: marketTime }
  }
  const submit = async (marketTime: number): Promise<void> => {
    const sent = await submitPaperOrder(order)
    if (!sent.ok) await finish(order.state === 'ARMED' ? 'CANCELLED' : 'ABORTED', sent.detail, marketTime)
    else if (order.state === 'RESERVED') order = { ...order, state: 'WORKING' }
  }
  const trigger = async (report: VenueReport): Promise<void> => {
    const reserved = await reserveTriggeredOrder({ order_id, run_id, book, market_time: report.market_time })
    if (!reserved.ok) {
      await cancelPaperOrder({ order_id, reason: reserved.detail, market_time: report.market_time })
      await finish('CANCELLED', reserved.detail, report.market_time)
      return
    }
    order = reserved.orders[0] ?? order
    await submit(report.market_time)
    const parent_order_id = order.parent_order_id
    if (parent_order_id === null) return
    const reason = `the other protection of entry ${parent_order_id} was triggered`
    await cancelArmedOrders({ run_id, book, product, parent_order_id, except: order_id, reason, market_time: report.market_time })
  }
  const protectEntry = async (marketTime: number): Promise<void> => {
    const armed = protectiveOrders({ entry: order, origin: protectionOrigin(order_id), marketTime })
    if (armed.length === 0) return
    const origin = protectionOrigin(order_id)
    const batch = { batch_id: origin, run_id, book, market_time: marketTime, orders: armed }
    const reserved = await reserveOrders(batch)
    if (reserved.ok) await startOrderWorkflows(reserved.orders)
  }
  const settleFills = async (report: VenueReport): Promise<void> => {
    const wasUnfilled = order.filled_quantity === '0'
    for (const fill of report.fills) {
      order = addFill({ order, fill })
      const { position_quantity } = await recordFill({ run_id, book, correlation_id, fill })
      if (order.side === 'BUY' || position_quantity !== '0') continue
      const reason = `the ${product} position is closed`
      await cancelArmedOrders({ run_id, book, product, parent_order_id: null, except: order_id, reason, market_time: fill.market_time })
    }
    if (wasUnfilled && report.fills.length > 0 && order.side === 'BUY') await protectEntry(report.market_time)
  }
  const settle = (report: VenueReport): Promise<void> =>
    oneAtATime(async () => {
      if (report.seq <= settled || isTerminal(order.state)) return
      if (report.triggered) await trigger(report)
      await settleFills(report)
      if (isTerminal(report.state)) await finish(report.state, report.reason, report.market_time)
      settled = report.seq
    })
  const cancel = async (request: CancelRequest): Promise<OrderState> => {
    await condition(() => isSubmitted)
    if (!isTerminal(order.state)) {
      const reports = await cancelPaperOrder({ order_id, ...request })
      for (const report of reports) await settle(report)
    }
    return order.state
  }

  rollOver.handle(messages.venueReportUpdate, venueReport, settle)
  rollOver.handle(messages.cancelOrderUpdate, cancelRequest, cancel)
  setHandler(messages.orderQuery, () => order)

  if (!isSubmitted) await oneAtATime(() => submit(order.market_time))
  isSubmitted = true
  await condition(() => isTerminal(order.state) || rollOver.isDue)
  if (isTerminal(order.state)) {
    await condition(allHandlersFinished)
    return order
  }
  await rollOver.reached()
  return continueAsNew<typeof PlaceMockOrderWorkflow>({ order, settled })
}

export type OrderHandle = ChildWorkflowHandle<typeof PlaceMockOrderWorkflow>

/** Starts the workflow of each order. They outlive their parent, which need not wait for a fill. */
export async function startOrderWorkflows(orders: readonly Order[]): Promise<OrderHandle[]> {
  return Promise.all(
    orders.map((order) =>
      startChild(PlaceMockOrderWorkflow, {
        workflowId: order.workflow_id,
        args: [{ order }],
        parentClosePolicy: ParentClosePolicy.ABANDON,
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
      }),
    ),
  )
}
