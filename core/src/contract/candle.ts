import { z } from 'zod'
import { positiveDecimalText, timestampMs, unsignedDecimalText } from './primitives.ts'

/** Trading in [start, start + timeframe): prices in quote currency, volume in base units. */
export const candle = z.strictObject({
  product: z.string(),
  start: timestampMs,
  timeframe_ms: z.int().positive(),
  open: positiveDecimalText,
  high: positiveDecimalText,
  low: positiveDecimalText,
  close: positiveDecimalText,
  volume: unsignedDecimalText,
})
export type Candle = z.infer<typeof candle>
