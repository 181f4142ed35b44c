import { z } from 'zod'
import { book, decimalText, id, idempotencyKey } from './primitives.ts'
import { fill } from './fill.ts'
import { denied } from './ledger-messages.ts'
import { order, orderRequest } from './order.ts'

/** Orders of the user's own, accepted or refused as a whole. */
export const batchRequest = z.strictObject({
  run_id: id,
  book,
  idempotency_key: idempotencyKey,
  requests: z.array(orderRequest).min(1).max(20),
  /** Longest wait for the orders to end, in ms of wall time; those that are still open then go on. */
  wait_ms: z.int().min(0).max(60_000),
})
export type BatchRequest = z.infer<typeof batchRequest>

export const batchResult = z.union([
  z.strictObject({
    ok: z.literal(true),
    order_count: z.int(),
    orders: z.array(order),
    fills: z.array(fill),
    /** Quote currency paid by the buys and received for the sales so far, fees included. */
    total_cost: decimalText,
    total_proceeds: decimalText,
  }),
  denied,
])
export type BatchResult = z.infer<typeof batchResult>
