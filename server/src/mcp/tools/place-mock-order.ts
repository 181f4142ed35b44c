import { randomUUID } from 'node:crypto'
import { type BatchRequest, batchResult } from '@trader/core/contract/batch'
import { describeIssues, fieldName } from '@trader/core/contract/describe-issues'
import { fill } from '@trader/core/contract/fill'
import { order, orderRequest } from '@trader/core/contract/order'
import { decimalText, productId } from '@trader/core/contract/primitives'
import { batchId, manualOrigin } from '@trader/workflows/names'
import { z } from 'zod'
import { idempotencyKey } from '../arguments.ts'
import { amount } from '../amount.ts'
import { recorded, replay, startOnce } from '../start-once.ts'
import { defineTool, Refusal, type ToolContext } from '../tool.ts'

const orderArgument = z
  .strictObject({
    product: productId.optional().describe('Such as BTC-USD; `symbol` is accepted for it.'),
    symbol: productId.optional(),
    side: orderRequest.shape.side,
    quantity: amount.optional().describe('Base units; `qty` is accepted for it. Either this or notional.'),
    qty: amount.optional(),
    notional: amount.optional().describe('Quote currency to spend or to sell for.'),
    type: orderRequest.shape.type,
    price: amount.optional().describe('The worst price to accept, never the price of the fill; `limit_price` is accepted for it.'),
    limit_price: amount.optional(),
    stop_price: amount.optional().describe('Trigger of a stop; on a BUY, the protective stop to arm once it fills.'),
    take_profit: amount.optional(),
    time_in_force: orderRequest.shape.time_in_force,
    expected_edge_bps: orderRequest.shape.expected_edge_bps,
  })
  .refine((given) => (given.product === undefined) !== (given.symbol === undefined), 'give the product, once')
  .refine((given) => given.quantity === undefined || given.qty === undefined, 'give the quantity once')
  .refine((given) => given.price === undefined || given.limit_price === undefined, 'give the price once')

export const placeMockOrder = defineTool({
  name: 'place_mock_order',
  title: 'Place paper orders',
  description:
    'Places one or more paper orders, all or none, waits for their fills and answers orders, fills and totals. The market decides the price, risk limits decide whether it is allowed. Use it only when the user or the plan asks for a trade.',
  input: z.strictObject({
    orders: z.array(orderArgument).min(1).max(20),
    idempotency_key: idempotencyKey,
    wait_ms: z.int().min(0).max(30_000).default(10_000).describe('Longest wait for the fills; orders still open then go on.'),
  }),
  output: z.object({
    workflow_id: z.string(),
    ...replay,
    order_count: z.int(),
    orders: z.array(order),
    fills: z.array(fill),
    total_cost: decimalText,
    total_proceeds: decimalText,
  }),
  hints: { readOnly: false, destructive: false, idempotent: true, openWorld: false },
  scope: 'trade',
  primitive: 'workflow',
  async run(context, args) {
    if (context.config.TRADING_MODE !== 'paper')
      return new Refusal('LIVE_TRADING_NOT_ACKNOWLEDGED', 'place_mock_order trades on paper only, and the mode is live')
    const asked = args.orders.map(asRequest)
    const requests = z.array(orderRequest).safeParse(asked)
    if (!requests.success) return new Refusal('INVALID_ORDER', describeIssues(requests.error.issues, { input: asked, nameOf: orderName }))
    const run = await context.run()
    if (run.status !== 'open') return new Refusal('RUN_FINISHED', `run ${run.run_id} is finished: nothing can be traded in it`)
    const key = args.idempotency_key ?? randomUUID()
    const request = { run_id: run.run_id, book: run.book, idempotency_key: key, requests: requests.data, wait_ms: args.wait_ms }
    return place(context, request)
  },
})

const orderName = (path: readonly PropertyKey[]): string => fieldName(['orders', ...path])

function asRequest(given: z.output<typeof orderArgument>): Record<string, unknown> {
  const { product, symbol, quantity, qty, price, limit_price, ...rest } = given
  return { ...rest, product: product ?? symbol, quantity: quantity ?? qty, limit_price: limit_price ?? price }
}

async function place(context: ToolContext, request: BatchRequest) {
  const { run_id, requests, idempotency_key: key } = request
  const workflowId = batchId(manualOrigin(key))
  const fact = { run_id, requests }
  const seen = await startOnce(context, { workflow: 'PlaceMockBatchWorkflow', workflowId, key, input: request, fact })
  if (seen instanceof Refusal) return seen
  const result = batchResult.parse(await context.temporal.workflow.getHandle(workflowId).result())
  if (!result.ok) {
    const { reason, detail, reasons, index } = result
    return recorded(new Refusal(reason, detail, { reasons, index, workflow_id: workflowId }), { key, replay: seen })
  }
  const { ok: _, ...placed } = result
  return { workflow_id: workflowId, ...seen, ...placed }
}
