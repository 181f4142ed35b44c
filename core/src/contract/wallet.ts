import { z } from 'zod'
import { book, decimalText, fraction, id, timestampMs, unsignedDecimalText } from './primitives.ts'

/** One asset's money in one book. `available` = posted - held. */
export const wallet = z.strictObject({
  wallet_id: z.int().positive(),
  name: z.string(),
  run_id: id.nullable(),
  book,
  asset: z.string(),
  posted: decimalText,
  held: unsignedDecimalText,
  available: decimalText,
  scraped: unsignedDecimalText,
  tradeable_fraction: fraction,
  /** What an order may still reserve under the fraction. */
  tradeable: unsignedDecimalText,
  updated_at: timestampMs,
})
export type Wallet = z.infer<typeof wallet>
