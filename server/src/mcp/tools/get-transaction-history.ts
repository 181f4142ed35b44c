import { fill } from '@trader/core/contract/fill'
import { timestampMs } from '@trader/core/contract/primitives'
import { z } from 'zod'
import { listFills } from '../../database/queries/list-fills.ts'
import { limit, product, runId } from '../arguments.ts'
import { listOfRun } from '../list-of-run.ts'
import { defineTool, readHints } from '../tool.ts'

export const getTransactionHistory = defineTool({
  name: 'get_transaction_history',
  title: 'Transaction history',
  description:
    'Every booked fill with price, fee, realized profit and what was scraped, newest first. Use it when the user asks what was traded, or to judge past trading.',
  input: z.strictObject({
    since_ts: timestampMs.default(0).describe('Market time in milliseconds; older fills are left out.'),
    limit: limit(1000, 100),
    product: product.optional(),
    run_id: runId,
  }),
  output: z.object({ transactions: z.array(fill), count: z.int(), since_timestamp: z.int(), limit: z.int() }),
  hints: readHints,
  scope: 'read',
  primitive: 'ledger',
  async run(context, args) {
    const { rows: transactions } = await listOfRun(context, args.run_id, (of) =>
      listFills(context.pool, {
        ...of,
        since: args.since_ts,
        limit: args.limit,
        ...(args.product !== undefined && { product: args.product }),
      }),
    )
    return { transactions, count: transactions.length, since_timestamp: args.since_ts, limit: args.limit }
  },
})
