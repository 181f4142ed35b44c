import { randomUUID } from 'node:crypto'
import { type FlattenRequest, flattenResult } from '@trader/core/contract/flatten'
import { flattenOrigin } from '@trader/workflows/names'
import { z } from 'zod'
import { idempotencyKey, reason } from '../arguments.ts'
import { replay, startOnce } from '../start-once.ts'
import { defineTool, Refusal } from '../tool.ts'

export const flattenPositions = defineTool({
  name: 'flatten_positions',
  title: 'Flatten all positions',
  description:
    'Pauses trading, cancels open orders and sells every position at market, and reports what could not be sold. Use it only when the user asks to get out of everything.',
  input: z.strictObject({
    wait_ms: z.int().min(0).max(30_000).default(15_000).describe('Longest wait for each sale.'),
    reason: reason.default('asked for by the user'),
    idempotency_key: idempotencyKey,
  }),
  output: z.object({ workflow_id: z.string(), ...replay, ...flattenResult.shape }),
  hints: { readOnly: false, destructive: true, idempotent: true, openWorld: false },
  scope: 'trade',
  primitive: 'workflow',
  async run(context, args) {
    const run = await context.run()
    if (run.status !== 'open') return new Refusal('RUN_FINISHED', `run ${run.run_id} is finished: nothing can be sold in it`)
    const key = args.idempotency_key ?? randomUUID()
    const workflowId = flattenOrigin(key)
    const input: FlattenRequest = {
      run_id: run.run_id,
      book: run.book,
      idempotency_key: key,
      reason: args.reason,
      by: context.principal.name,
      wait_ms: args.wait_ms,
    }
    const fact = { run_id: run.run_id }
    const seen = await startOnce(context, { workflow: 'FlattenWorkflow', workflowId, key, input, fact })
    if (seen instanceof Refusal) return seen
    return { workflow_id: workflowId, ...seen, ...flattenResult.parse(await context.temporal.workflow.getHandle(workflowId).result()) }
  },
})
