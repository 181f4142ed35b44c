import { z } from 'zod'
import { timestampMs } from './primitives.ts'
import { venueFill } from './fill.ts'
import { orderState } from './order.ts'

/** What one tick, or a cancel, did to one open paper order. Numbered from 1 within its order, so that a repeated report is known. */
export const venueReport = z.strictObject({
  order_id: z.uuid(),
  seq: z.int().positive(),
  market_time: timestampMs,
  /** A stop or take-profit reached its price and now wants its hold. */
  triggered: z.boolean(),
  fills: z.array(venueFill),
  /** Where the order stands afterwards. */
  state: orderState,
  reason: z.string().nullable(),
})
export type VenueReport = z.infer<typeof venueReport>

export const cancelRequest = z.strictObject({ reason: z.string().max(500), market_time: timestampMs })
export type CancelRequest = z.infer<typeof cancelRequest>
