import { feedback, feedbackTarget } from '@trader/core/contract/feedback'
import { pendingFeedbackQuery } from '@trader/workflows/messages'
import { z } from 'zod'
import { agentIds, targetAgent } from '../target-agent.ts'
import { defineTool, readHints } from '../tool.ts'

export const getPendingFeedback = defineTool({
  name: 'get_pending_feedback',
  title: 'Pending feedback',
  description:
    'Messages to an agent that no decision or evaluation has used yet, oldest first. Use it to see whether feedback has arrived and still waits.',
  input: z.strictObject({ target_agent: targetAgent }),
  output: z.object({ success: z.literal(true), target: feedbackTarget, pending_feedback: z.array(feedback), count: z.int() }),
  hints: readHints,
  scope: 'read',
  primitive: 'query',
  async run({ temporal }, { target_agent: target }) {
    const pending = await temporal.workflow.getHandle(agentIds[target]).query(pendingFeedbackQuery)
    return { success: true as const, target, pending_feedback: pending, count: pending.length }
  },
})
