import { decision } from '@trader/core/contract/decision'
import { timestampMs } from '@trader/core/contract/primitives'
import { z } from 'zod'
import { listDecisions as queryDecisions } from '../../database/queries/list-decisions.ts'
import { limit, runId } from '../arguments.ts'
import { listOfRun } from '../list-of-run.ts'
import { defineTool, readHints } from '../tool.ts'

/** One line of a list; the whole record is get_decision's. */
const decisionLine = decision
  .pick({ id: true, market_time: true, action: true, hold_reason: true, products: true, orders: true, prompt_version: true, model: true })
  .extend({ blocks: z.int(), summary: z.string().nullable() })
  .strip()

export const listDecisions = defineTool({
  name: 'list_decisions',
  title: 'Decisions',
  description:
    'The decisions of the execution agent, newest first: trade or hold, why, and which orders came of it. Use it to see what the agent did, then get_decision for one.',
  input: z.strictObject({
    action: decision.shape.action.optional(),
    since_ts: timestampMs.default(0).describe('Market time in milliseconds.'),
    before_ts: timestampMs.optional().describe('Market time in milliseconds; for the next page.'),
    limit: limit(500, 50),
    run_id: runId,
  }),
  output: z.object({ run_id: z.string(), decisions: z.array(decisionLine), count: z.int() }),
  hints: readHints,
  scope: 'read',
  primitive: 'ledger',
  async run(context, args) {
    const { runId, rows: found } = await listOfRun(context, args.run_id, (of) =>
      queryDecisions(context.pool, {
        ...of,
        since: args.since_ts,
        limit: args.limit,
        ...(args.action !== undefined && { action: args.action }),
        ...(args.before_ts !== undefined && { before: args.before_ts }),
      }),
    )
    return {
      run_id: runId,
      decisions: found.map((each) => ({ ...each, blocks: each.blocks.length, summary: each.proposal?.summary ?? null })),
      count: found.length,
    }
  },
})
