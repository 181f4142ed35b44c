import { WorkflowNotFoundError } from '@temporalio/client'
import { positiveDecimalText, timestampMs } from '@trader/core/contract/primitives'
import type { Run } from '@trader/core/contract/run'
import { historicalTicksQuery } from '@trader/workflows/messages'
import { featureId } from '@trader/workflows/names'
import { z } from 'zod'
import { listTicks } from '../../database/queries/ticks-since.ts'
import { marketNow } from '../../trading/market-now.ts'
import { limit, product } from '../arguments.ts'
import { defineTool, readHints, Refusal, type ToolContext } from '../tool.ts'

const dayMs = 86_400_000

interface SeenPrice {
  readonly ts: number
  readonly price: string
}

export const getHistoricalTicks = defineTool({
  name: 'get_historical_ticks',
  title: 'Historical ticks',
  description:
    'Recent prices of one or more products, oldest first, as lists of { ts, price } under each product. Use it for price history; without since_ts or days it is the window that the agents look at.',
  input: z.strictObject({
    symbols: z.array(product).min(1).max(20).optional(),
    symbol: product.optional().describe('One product; instead of symbols.'),
    since_ts: timestampMs.optional().describe('Market time in milliseconds; overrides days.'),
    days: z.number().positive().max(3650).optional(),
    limit: limit(5000, 1000).describe('At most this many per product, the newest.'),
  }),
  output: z.object({}).catchall(z.array(z.object({ ts: timestampMs, price: positiveDecimalText }))),
  hints: readHints,
  scope: 'read',
  primitive: 'query',
  async run(context, args) {
    const products = args.symbols ?? (args.symbol === undefined ? [] : [args.symbol])
    if (products.length === 0) return new Refusal('INVALID_ARGUMENTS', 'get_historical_ticks: give symbols or symbol')
    const since =
      args.since_ts ??
      (args.days === undefined ? undefined : marketNow({ run: await context.run(), wallTime: context.now() }) - args.days * dayMs)
    const read = since === undefined ? window : stored
    const ticks = await Promise.all(
      products.map((each) => read(context, { product: each, since: Math.max(0, Math.floor(since ?? 0)), limit: args.limit })),
    )
    return Object.fromEntries(products.map((each, index) => [each, ticks[index] ?? []]))
  },
})

interface Wanted {
  readonly product: string
  readonly since: number
  readonly limit: number
}

/** What the product's feature workflow keeps; nothing where there is none. */
async function window({ temporal }: ToolContext, { product, since, limit }: Wanted): Promise<SeenPrice[]> {
  try {
    const seen = await temporal.workflow.getHandle(featureId(product)).query(historicalTicksQuery, since)
    return seen.slice(-limit).map(({ market_time, price }) => ({ ts: market_time, price }))
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return []
    throw error
  }
}

/** What the database keeps, which reaches further back. */
async function stored(context: ToolContext, { product, since, limit }: Wanted): Promise<SeenPrice[]> {
  const run: Run = await context.run()
  const ticks = await listTicks(context.pool, { runId: run.run_id, product, from: since, limit })
  return ticks.map(({ market_time, price }) => ({ ts: market_time, price }))
}
