import { decision } from '@trader/core/contract/decision'
import { fill } from '@trader/core/contract/fill'
import { modelCall } from '@trader/core/contract/model-call'
import { order } from '@trader/core/contract/order'
import { id } from '@trader/core/contract/primitives'
import { z } from 'zod'
import { findDecision } from '../../database/queries/list-decisions.ts'
import { readDecisionStory } from '../../trading/decision-story.ts'
import { defineTool, readHints, Refusal } from '../tool.ts'

export const getDecision = defineTool({
  name: 'get_decision',
  title: 'One decision',
  description:
    'Everything about one decision: what it saw, gate, prompt version, model calls with replies, proposal, blocks, orders and fills. Use it to explain why something was or was not traded.',
  input: z.strictObject({ id }),
  output: z.object({ decision, model_calls: z.array(modelCall), orders: z.array(order), fills: z.array(fill) }),
  hints: readHints,
  scope: 'read',
  primitive: 'ledger',
  async run({ pool }, args) {
    const found = await findDecision(pool, args.id)
    if (found === null) return new Refusal('NOT_FOUND', `there is no decision ${args.id}; list_decisions shows what there is`)
    const { model_calls, orders, fills } = await readDecisionStory(pool, found)
    return { decision: found, model_calls, orders, fills }
  },
})
