import { z } from 'zod'
import { id, timestampMs } from './primitives.ts'

export const feedbackTarget = z.enum(['execution', 'judge'])

/** A message from the user to an agent. Delivered once: processed_by names the decision or evaluation that used it. */
export const feedback = z.strictObject({
  feedback_id: id,
  target: feedbackTarget,
  message: z.string().min(1).max(2000),
  market_time: timestampMs,
  recorded_at: timestampMs,
  processed_by: id.nullable(),
})
export type Feedback = z.infer<typeof feedback>
