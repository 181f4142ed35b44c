import { feedbackTarget } from '@trader/core/contract/feedback'
import { executionAgentId, judgeAgentId } from '@trader/workflows/names'
import { z } from 'zod'

/** `execution` or `judge`, in any case. */
export const targetAgent = z
  .string()
  .max(16)
  .transform((text) => text.trim().toLowerCase())
  .pipe(feedbackTarget)
  .describe('execution or judge')

export const agentIds = { execution: executionAgentId, judge: judgeAgentId } as const
