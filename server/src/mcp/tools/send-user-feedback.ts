import { randomUUID } from 'node:crypto'
import { addFeedbackResult } from '@trader/core/contract/agent-messages'
import { feedbackTarget } from '@trader/core/contract/feedback'
import { addUserFeedbackUpdate } from '@trader/workflows/messages'
import { z } from 'zod'
import { sendUpdate } from '../../workflow-update.ts'
import { idempotencyKey, text } from '../arguments.ts'
import { agentIds, targetAgent } from '../target-agent.ts'
import { defineTool, Refusal } from '../tool.ts'

export const sendUserFeedback = defineTool({
  name: 'send_user_feedback',
  title: 'Send feedback to an agent',
  description:
    "Leaves a message for the execution or the judge agent; its next decision or evaluation reads it once. Use it to pass on the user's wishes or complaints about trading.",
  input: z.strictObject({ target_agent: targetAgent, message: text(2000), idempotency_key: idempotencyKey }),
  output: z.object({
    success: z.literal(true),
    target: feedbackTarget,
    message: z.string(),
    feedback_id: z.string(),
    feedback_preview: z.string(),
    pending: z.int(),
  }),
  hints: { readOnly: false, destructive: false, idempotent: true, openWorld: false },
  scope: 'trade',
  primitive: 'update',
  async run({ temporal }, { target_agent: target, message, idempotency_key: key }) {
    const feedbackId = `feedback-${key ?? randomUUID()}`
    const answer = await sendUpdate(temporal, {
      workflowId: agentIds[target],
      update: addUserFeedbackUpdate,
      input: { feedback_id: feedbackId, message },
      updateId: feedbackId,
    })
    const result = addFeedbackResult.parse(answer)
    if (!result.ok) return new Refusal(result.reason, result.detail)
    return {
      success: true as const,
      target,
      message: `the ${target} agent reads it at its next ${target === 'execution' ? 'decision' : 'evaluation'}`,
      feedback_id: result.feedback_id,
      feedback_preview: message.slice(0, 200),
      pending: result.pending,
    }
  },
})
