import { z } from 'zod'
import { newestRun } from '../../database/queries/newest-run.ts'
import { cancelOpenOrders, type CancelledOrders } from '../../trading/cancel-order.ts'
import { marketNow } from '../../trading/market-now.ts'
import { describeError } from '../../exit-code.ts'
import { unguardedPosition, unguardedPositions, type UnguardedPosition } from '../../trading/unguarded-positions.ts'
import { changeFlag, flagInput, flagOutput } from '../change-flag.ts'
import { defineTool, type ToolContext } from '../tool.ts'

export const haltTrading = defineTool({
  name: 'halt_trading',
  title: 'Halt trading',
  description: 'Refuses every order from now on, cancels the open ones (stops included) and sells nothing. Use it as the emergency stop.',
  input: flagInput,
  output: flagOutput.extend({
    cancelled_orders: z.array(z.uuid()),
    failed_orders: z
      .array(z.object({ order_id: z.string(), why: z.string() }))
      .describe('Orders that could not be cancelled; nothing new is accepted all the same.'),
    unguarded_positions: z
      .array(unguardedPosition)
      .nullable()
      .describe('Positions that no stop sells while trading is halted; null: not known. flatten_positions sells them.'),
  }),
  hints: { readOnly: false, destructive: true, idempotent: true, openWorld: false },
  scope: 'trade',
  primitive: 'update',
  async run(context, { reason }) {
    const flag = await changeFlag(context, { state: 'halted', reason })
    const { cancelled, failed } = await cancelAll(context, reason)
    return { ...flag, cancelled_orders: cancelled, failed_orders: failed, unguarded_positions: await unguarded(context) }
  },
})

/** Null where it cannot be known; the halt stands all the same. */
async function unguarded({ pool, config }: ToolContext): Promise<UnguardedPosition[] | null> {
  try {
    const run = await newestRun(pool, config.TRADING_MODE)
    return run === null ? [] : await unguardedPositions(pool, { runId: run.run_id, state: 'halted' })
  } catch {
    // Postgres is away. The caller is told of that by the null.
    return null
  }
}

/** The halt stands already; what goes wrong from here on is told, not thrown. */
async function cancelAll({ pool, temporal, config, now }: ToolContext, reason: string): Promise<CancelledOrders> {
  try {
    const run = await newestRun(pool, config.TRADING_MODE)
    if (run === null) return { cancelled: [], failed: [] }
    return await cancelOpenOrders(
      { temporal, database: pool },
      { run, reason: `halted: ${reason}`, marketTime: marketNow({ run, wallTime: now() }) },
    )
  } catch (error) {
    return { cancelled: [], failed: [{ order_id: 'unknown', why: describeError(error) }] }
  }
}
