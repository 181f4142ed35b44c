import { z } from 'zod'
import { decimalText, positiveDecimalText, timestampMs, unsignedDecimalText } from './primitives.ts'

export const priceQuality = z.enum(['live', 'stale', 'missing'])
export type PriceQuality = z.infer<typeof priceQuality>

/** Long only. Amounts in quote currency; average price and cost basis leave fees out, entry_fees holds them. */
export const position = z.strictObject({
  product: z.string(),
  quantity: unsignedDecimalText,
  cost_basis: unsignedDecimalText,
  entry_fees: unsignedDecimalText,
  average_price: positiveDecimalText.nullable(),
  realized_pnl: decimalText,
  /** Grows by one with each fill of this product. */
  version: z.int().min(0),
})
export type Position = z.infer<typeof position>

export const markedPosition = position.extend({
  mark_price: positiveDecimalText.nullable(),
  mark_time: timestampMs.nullable(),
  mark_age_ms: z.int().nullable(),
  price_quality: priceQuality,
  market_value: decimalText.nullable(),
  unrealized_pnl: decimalText.nullable(),
})
export type MarkedPosition = z.infer<typeof markedPosition>

/** `cash` is what may be spent, holds included; `scraped` is set aside and never spent. equity = cash + scraped + market value. */
export const portfolio = z.strictObject({
  cash: decimalText,
  held_cash: unsignedDecimalText,
  scraped: unsignedDecimalText,
  positions: z.array(markedPosition),
  position_value: decimalText,
  equity: decimalText,
  realized_pnl: decimalText,
  unrealized_pnl: decimalText,
  total_pnl: decimalText,
  fees: unsignedDecimalText,
  /** The worst quality among the marks used. */
  price_quality: priceQuality,
  market_time: timestampMs,
})
export type Portfolio = z.infer<typeof portfolio>
