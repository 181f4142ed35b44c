import { id } from '@trader/core/contract/primitives'
import { z } from 'zod'
import { eventsSince } from '../../database/queries/events-since.ts'
import { findRun } from '../../database/queries/find-run.ts'
import { listBlocks } from '../../database/queries/list-blocks.ts'
import { findDecision } from '../../database/queries/list-decisions.ts'
import { readDecisionStory } from '../../trading/decision-story.ts'
import { defineJsonResource, settledTtlMs, stateTtlMs } from '../resource.ts'
import type { ToolContext } from '../tool.ts'
import { completeDecision } from './completers.ts'

const mostEvents = 500

export const trace = defineJsonResource({
  uri: 'trader://traces/{correlation_id}',
  name: 'trace',
  title: 'A whole cause',
  description:
    'Everything that carries one correlation id: the decision (or manual order), its model calls with replies, refusals, orders, fills and events.',
  variables: z.strictObject({ correlation_id: id }),
  complete: { correlation_id: completeDecision },
  async read(context, { correlation_id: correlationId }) {
    const { pool } = context
    const [decision, story, blocks, events] = await Promise.all([
      findDecision(pool, correlationId),
      readDecisionStory(pool, { id: correlationId }),
      listBlocks(pool, { correlationId }),
      eventsSince(pool, { since: 0, correlationId, limit: mostEvents }),
    ])
    if (decision === null && events.length === 0) return null
    const runId = decision?.run_id ?? events.find(({ run_id }) => run_id !== null)?.run_id ?? null
    const content = { correlation_id: correlationId, decision, ...story, blocks: blocks.toReversed(), events }
    return { content, ttlMs: (await isSettled(context, runId)) ? settledTtlMs : stateTtlMs }
  },
})

/** In a finished run nothing can fill any more. */
async function isSettled({ pool }: ToolContext, runId: string | null): Promise<boolean> {
  return runId !== null && (await findRun(pool, runId))?.status === 'finished'
}
