import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common'
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
import type { VenueFill } from '@trader/core/contract/fill'
import type { Order, OrderState } from '@trader/core/contract/order'
import { cancelRequest, type CancelRequest, venueReport, type VenueReport } from '@trader/core/contract/venue-report'
import type { ReserveResult } from '@trader/core/contract/ledger-messages'
import { decimal } from '@trader/core/money/decimal'
import { addFill } from '@trader/core/order/add-fill'
import { protectiveOrders, protectiveRequest } from '@trader/core/order/protective-orders'
import { isTerminal } from '@trader/core/order/state-machine'
import { blockOf } from '@trader/core/risk/block-of'
import type { LedgerClientActivities, PaperVenueActivities } from './activities.ts'
import * as messages from './messages.ts'
import { protectionOrigin } from './names.ts'
import { recordRefusal } from './record.ts'
import { RollOver } from './roll-over.ts'
import { serially } from './serial.ts'

/** Each takes milliseconds. This is how long an order waits for a worker that was killed in the middle of one. */
const startToCloseTimeout = '10s'

const { reserveOrders, reserveTriggeredOrder, recordFill, releaseOrder } = proxyActivities<LedgerClientActivities>({
  startToCloseTimeout,
  retry: { initialInterval: '100ms', maximumInterval: '10s', nonRetryableErrorTypes: ['LedgerRefused', 'IdempotencyConflict'] },
})
const { submitPaperOrder, cancelPaperOrder, cancelEntry, makeRoomForExit, cancelArmedOrders } = proxyActivities<PaperVenueActivities>({
  startToCloseTimeout,
  retry: { initialInterval: '100ms', maximumInterval: '10s' },
})

/** How often an exit asks for its hold, where other sales keep taking it. */
const exitAttempts = 5

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
  const withdraw = async (state: OrderState, reason: string, marketTime: number): Promise<void> => {
    await cancelPaperOrder({ order_id, reason, market_time: marketTime })
    await finish(state, reason, marketTime)
  }
  const submit = async (marketTime: number): Promise<void> => {
    const sent = await submitPaperOrder({ order, market_time: marketTime })
    if (!sent.ok) await withdraw('ABORTED', sent.detail, marketTime)
    else if (order.state === 'RESERVED') order = { ...order, state: 'WORKING' }
  }
  /** Holds what this exit sells. Other sales give way to it, and so does one that was placed between their end and its hold. */
  const reserveExit = async (marketTime: number): Promise<ReserveResult> => {
    const reason = `exit ${order_id} of this position was triggered`
    const ask = (attempt: number): Promise<ReserveResult> =>
      reserveTriggeredOrder({ order_id, run_id, book, market_time: marketTime, attempt })
    await makeRoomForExit({ order_id, reason, market_time: marketTime })
    let reserved = await ask(1)
    for (let attempt = 2; attempt <= exitAttempts && !reserved.ok && reserved.reason === 'INSUFFICIENT_HOLDINGS'; attempt += 1) {
      const { cancelled } = await makeRoomForExit({ order_id, reason, market_time: marketTime })
      if (cancelled === 0) break
      reserved = await ask(attempt)
    }
    return reserved
  }
  /** An exit woke up: nothing more is bought of its entry, and it sells what the entry has filled. */
  const trigger = async (report: VenueReport): Promise<void> => {
    const { market_time } = report
    const { parent_order_id } = order
    const reason = `exit ${order_id} of the same entry was triggered`
    if (parent_order_id !== null) await cancelEntry({ order_id: parent_order_id, reason, market_time })
    const reserved = await reserveExit(market_time)
    if (reserved.ok) {
      // Its quantity is what may be sold. What it has sold is counted here.
      order = { ...order, state: 'RESERVED', quantity: reserved.orders[0]?.quantity ?? order.quantity, updated_at: market_time }
      await submit(market_time)
    } else {
      await withdraw('CANCELLED', reserved.detail, market_time)
    }
    if (parent_order_id !== null) await cancelArmedOrders({ run_id, book, product, parent_order_id, except: order_id, reason, market_time })
  }
  const protectEntry = async (fill: VenueFill): Promise<void> => {
    const origin = protectionOrigin(fill)
    const { market_time } = fill
    const armed = protectiveOrders({ entry: order, quantity: fill.quantity, origin, marketTime: market_time })
    if (armed.length === 0) return
    const reserved = await reserveOrders({ batch_id: origin, run_id, book, market_time, deadline_at: null, orders: armed })
    if (reserved.ok) {
      await startOrderWorkflows(reserved.orders)
      return
    }
    const from = { origin, correlationId: correlation_id, runId: run_id, book, marketTime: market_time }
    await recordRefusal(
      origin,
      armed.map((exit, index) => blockOf({ ...reserved, request: protectiveRequest(exit.order), from, index })),
    )
  }
  const settleFill = async (fill: VenueFill): Promise<void> => {
    const { position_quantity } = await recordFill({ run_id, book, correlation_id, fill })
    const isFirst = order.filled_quantity === '0'
    order = addFill({ order, fill })
    if (order.side === 'BUY') {
      // Exits end with the position; what is bought after that needs new ones.
      const isOpening = decimal(position_quantity).eq(fill.quantity)
      if (isFirst || isOpening) await protectEntry(fill)
    } else if (decimal(position_quantity).isZero()) {
      const reason = `the ${product} position is closed`
      await cancelArmedOrders({ run_id, book, product, parent_order_id: null, except: order_id, reason, market_time: fill.market_time })
    }
  }
  const settle = (report: VenueReport): Promise<void> =>
    oneAtATime(async () => {
      if (report.seq <= settled || isTerminal(order.state)) return
      if (report.triggered) await trigger(report)
      for (const fill of report.fills) await settleFill(fill)
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

/** Starts the workflow of each order. They outlive their parent, which need not wait for a fill. Null where it was started before. */
export async function startOrderWorkflows(orders: readonly Order[]): Promise<(OrderHandle | null)[]> {
  return Promise.all(orders.map(startOrderWorkflow))
}

async function startOrderWorkflow(order: Order): Promise<OrderHandle | null> {
  try {
    return await startChild(PlaceMockOrderWorkflow, {
      workflowId: order.workflow_id,
      args: [{ order }],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
    })
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return null
    throw error
  }
}
