import { z } from 'zod'
import { positiveDecimalText, timestampMs, unsignedDecimalText } from './primitives.ts'

/** One observed price of one product. Prices are quote currency per unit of base; volumes are units of base. */
export const tick = z.strictObject({
  product: z.string(),
  market_time: timestampMs,
  price: positiveDecimalText,
  bid: positiveDecimalText,
  ask: positiveDecimalText,
  /** Volume traded since the previous tick of this product. */
  volume: unsignedDecimalText,
  /** Volume an order may take its share of: the whole candle's in replay, the last full minute's on a stream. */
  candle_volume: unsignedDecimalText,
  /** Quote notional of the last full minute before this tick; null when there is none. Drives market impact. */
  last_minute_notional: unsignedDecimalText.nullable(),
})
export type Tick = z.infer<typeof tick>

export const quarantineReason = z.enum([
  'MALFORMED',
  'DUPLICATE',
  'LATE',
  'FUTURE',
  'NON_POSITIVE_PRICE',
  'CROSSED_QUOTE',
  'ABSURD_PRICE',
  'ABSURD_VOLUME',
  'UNKNOWN_PRODUCT',
])
export type QuarantineReason = z.infer<typeof quarantineReason>
