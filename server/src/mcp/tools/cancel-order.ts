import { order } from '@trader/core/contract/order'
import { isTerminal } from '@trader/core/order/state-machine'
import { z } from 'zod'
import { findOrder } from '../../database/queries/list-orders.ts'
import { cancelOrder as cancel } from '../../trading/cancel-order.ts'
import { marketNow } from '../../trading/market-now.ts'
import { reason } from '../arguments.ts'
import { defineTool, Refusal } from '../tool.ts'

export const cancelOrder = defineTool({
  name: 'cancel_order',
  title: 'Cancel an order',
  description:
    'Cancels one open order and answers the state it ended in; what was filled stays filled. Use it when the user no longer wants an order that list_orders shows as open.',
  input: z.strictObject({ order_id: z.uuid(), reason: reason.default('asked for by the user') }),
  output: z.object({ cancelled: z.boolean().describe('False: the order was over already.'), order }),
  hints: { readOnly: false, destructive: true, idempotent: true, openWorld: false },
  scope: 'trade',
  primitive: 'update',
  async run(context, args) {
    const before = await findOrder(context.pool, args.order_id)
    if (before === null) return new Refusal('NOT_FOUND', `there is no order ${args.order_id}`)
    if (isTerminal(before.state)) return { cancelled: false, order: before }
    const run = await context.run(before.run_id)
    await cancel(
      { temporal: context.temporal, database: context.pool },
      { order: before, reason: args.reason, marketTime: marketNow({ run, wallTime: context.now() }) },
    )
    const after = (await findOrder(context.pool, args.order_id)) ?? before
    return { cancelled: after.state === 'CANCELLED', order: after }
  },
})
