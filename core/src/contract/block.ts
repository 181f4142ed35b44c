import { z } from 'zod'
import { book, id, timestampMs } from './primitives.ts'
import { orderRequest } from './order.ts'
import { deniedReason } from '../risk/denied-reason.ts'

/** An order that was refused, and why. */
export const block = z.strictObject({
  block_id: id,
  run_id: id,
  book,
  correlation_id: id,
  reason: deniedReason,
  /** A sentence with the numbers that decided. */
  detail: z.string(),
  request: orderRequest,
  market_time: timestampMs,
  recorded_at: timestampMs,
})
export type Block = z.infer<typeof block>
