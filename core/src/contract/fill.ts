import { z } from 'zod'
import { book, decimalText, id, positiveDecimalText, timestampMs, unsignedDecimalText } from './primitives.ts'
import { orderSide } from './order.ts'

export const liquidity = z.enum(['maker', 'taker'])
export type Liquidity = z.infer<typeof liquidity>

/** What the venue says happened: one execution of one order. */
export const venueFill = z.strictObject({
  fill_id: z.uuid(),
  order_id: z.uuid(),
  /** The venue's own number of the execution, counted from 1 within an order on paper. */
  trade_id: z.string(),
  product: z.string(),
  side: orderSide,
  quantity: positiveDecimalText,
  price: positiveDecimalText,
  /** Quote currency paid or received before fees: quantity x price, rounded against us. */
  notional: positiveDecimalText,
  fee: unsignedDecimalText,
  liquidity,
  market_time: timestampMs,
})
export type VenueFill = z.infer<typeof venueFill>

/** A fill after the ledger booked it, with what it did to the position. */
export const fill = venueFill.extend({
  run_id: id,
  book,
  correlation_id: id,
  /** Net of both fees, quote currency; zero for a BUY. */
  realized_pnl: decimalText,
  scraped: unsignedDecimalText,
  position_quantity_after: unsignedDecimalText,
  recorded_at: timestampMs,
})
export type Fill = z.infer<typeof fill>
