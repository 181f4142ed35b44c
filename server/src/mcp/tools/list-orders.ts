import { order, orderState } from '@trader/core/contract/order'
import { isTerminal } from '@trader/core/order/state-machine'
import { z } from 'zod'
import { listOrders as queryOrders } from '../../database/queries/list-orders.ts'
import { limit, product, runId } from '../arguments.ts'
import { listOfRun } from '../list-of-run.ts'
import { defineTool, readHints } from '../tool.ts'

const openStates = orderState.options.filter((state) => !isTerminal(state))

export const listOrders = defineTool({
  name: 'list_orders',
  title: 'Orders',
  description:
    'Orders with their state, what was filled and at which average price, newest first. Use it to see what is open before cancelling or placing another.',
  input: z.strictObject({
    status: z
      .enum(['open', 'all'])
      .default('all')
      .describe('open: only orders that may still fill, armed stops and take-profits included.'),
    product: product.optional(),
    limit: limit(500, 50),
    run_id: runId,
  }),
  output: z.object({ run_id: z.string(), orders: z.array(order), count: z.int() }),
  hints: readHints,
  scope: 'read',
  primitive: 'ledger',
  async run(context, args) {
    const { runId, rows: orders } = await listOfRun(context, args.run_id, (of) =>
      queryOrders(context.pool, {
        ...of,
        limit: args.limit,
        ...(args.status === 'open' && { states: openStates }),
        ...(args.product !== undefined && { product: args.product }),
      }),
    )
    return { run_id: runId, orders, count: orders.length }
  },
})
