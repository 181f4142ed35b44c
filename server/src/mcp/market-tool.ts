import { id } from '@trader/core/contract/primitives'
import { marketKind } from '@trader/core/contract/run'
import { z } from 'zod'
import { changeMarket, type WantedMarket } from '../trading/change-market.ts'
import { product } from './arguments.ts'
import { Refusal, type ToolContext } from './tool.ts'

/** Arguments and answer that starting and subscribing share. */
export const symbols = z
  .array(product)
  .min(1)
  .max(20)
  .optional()
  .describe('Products to stream; default: those of the market that streams. Others than those begin a new run with new books.')
export const intervalSec = z
  .int()
  .min(1)
  .max(60)
  .default(1)
  .describe('Taken for callers of earlier versions: ticks come as the market sends them.')

export const marketOutput = z.object({
  workflow_id: id,
  run_id: id,
  market: marketKind,
  products: z.array(z.string()),
  resumed: z.boolean().describe('False: a new run was opened, with new paper accounts.'),
})

export async function startMarketFor(
  context: ToolContext,
  { workflowId, ...wanted }: WantedMarket & { workflowId: string },
): Promise<z.input<typeof marketOutput> | Refusal> {
  const { pool, temporal: client, taskQueue } = context
  const changed = await changeMarket({ pool, client, taskQueue }, wanted)
  if (!changed.ok) return new Refusal(changed.reason, changed.detail)
  const { run, plan, resumed } = changed
  return { workflow_id: workflowId, run_id: run.run_id, market: run.market, products: plan.products, resumed }
}
