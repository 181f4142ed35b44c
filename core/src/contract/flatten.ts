import { z } from 'zod'
import { book, decimalText, id, idempotencyKey, unsignedDecimalText } from './primitives.ts'

/** Pause, cancel what is open, sell everything at market. */
export const flattenRequest = z.strictObject({
  run_id: id,
  book,
  idempotency_key: idempotencyKey,
  reason: z.string().min(1).max(500),
  by: z.string().min(1).max(64),
  /** Longest wait for each sale to end, in ms of wall time. */
  wait_ms: z.int().min(0).max(60_000),
})
export type FlattenRequest = z.infer<typeof flattenRequest>

export const flattenResult = z.strictObject({
  cancelled_orders: z.array(z.uuid()),
  positions: z.array(
    z.strictObject({
      product: z.string(),
      quantity: unsignedDecimalText,
      sold: unsignedDecimalText,
      remaining: unsignedDecimalText,
      /** Quote currency received, fees taken off. */
      proceeds: decimalText,
      /** Why something remains; null when nothing does. */
      problem: z.string().nullable(),
    }),
  ),
})
export type FlattenResult = z.infer<typeof flattenResult>
