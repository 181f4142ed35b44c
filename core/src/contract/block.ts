import { z } from 'zod'
import { book, id, timestampMs } from './primitives.ts'
import { orderRequest } from './order.ts'
import { deniedReason, failedCheck } from '../risk/denied-reason.ts'

/** An order that was refused, and why. */
export const block = z.strictObject({
  block_id: id,
  run_id: id,
  book,
  correlation_id: id,
  reason: deniedReason,
  /** A sentence with the numbers that decided. */
  detail: z.string(),
  /** Every check that failed, the most fundamental first. Empty in records made before all of them were kept. */
  reasons: z.array(failedCheck).default([]),
  request: orderRequest,
  market_time: timestampMs,
  recorded_at: timestampMs,
})
export type Block = z.infer<typeof block>
