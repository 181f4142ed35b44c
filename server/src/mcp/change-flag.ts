import { tradingFlag, type TradingFlag } from '@trader/core/contract/trading-flag'
import { book, type Book } from '@trader/core/contract/primitives'
import { z } from 'zod'
import { newestRun } from '../database/queries/newest-run.ts'
import { marketNow } from '../trading/market-now.ts'
import { setFlag, type FlagResult } from '../trading/set-flag.ts'
import { reason } from './arguments.ts'
import type { ToolContext } from './tool.ts'

/** Arguments and answer that pausing, resuming and halting share. */
export const flagInput = z.strictObject({ reason: reason.default('asked for by the user').describe('Why, for the record.') })

export const flagOutput = z.object({
  book,
  state: tradingFlag,
  previous: tradingFlag.nullable(),
  status: z.enum(['stored', 'kept']).describe('kept: the database is away; the execution agent copies it before the next order.'),
})

/** Sets the flag of the book that is traded. Stopping must work when almost nothing else does, so a run is not needed. */
export async function changeFlag(
  context: ToolContext,
  { state, reason }: { state: TradingFlag; reason: string },
): Promise<FlagResult & { book: Book }> {
  const book = context.config.TRADING_MODE
  const wallTime = context.now()
  const run = await newestRun(context.pool, book).catch(() => null) // with Postgres away the agent still takes the flag
  const marketTime = run === null ? wallTime : marketNow({ run, wallTime })
  const result = await setFlag(
    { temporal: context.temporal, database: context.pool },
    { book, state, reason, by: context.principal.name, marketTime },
  )
  return { book, ...result }
}
