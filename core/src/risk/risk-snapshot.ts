import { z } from 'zod'
import { order } from '../contract/order.ts'
import { portfolio } from '../contract/position.ts'
import { decimalText, statistic, timestampMs, unsignedDecimalText } from '../contract/primitives.ts'
import { tick } from '../contract/tick.ts'
import { tradingFlag } from '../contract/trading-flag.ts'

/** Whose intent an order is: an agent's decision, or a person's own (by tool, command or chat). */
export const orderAuthor = z.enum(['agent', 'person'])
export type OrderAuthor = z.infer<typeof orderAuthor>

/** What the rules need to know of an order that was placed before. */
export const placedOrder = order
  .pick({
    order_id: true,
    product: true,
    side: true,
    type: true,
    state: true,
    quantity: true,
    filled_quantity: true,
    limit_price: true,
    market_time: true,
  })
  .extend({ author: orderAuthor })
export type PlacedOrder = z.infer<typeof placedOrder>

/** All that risk sees, read at one moment. Records are keyed by product, `wallets` by asset. */
export const riskSnapshot = z.strictObject({
  trading: tradingFlag,
  portfolio,
  /** Posted - held, and what of it the tradeable fraction lets orders reserve. */
  wallets: z.record(z.string(), z.strictObject({ available: decimalText, tradeable: unsignedDecimalText })),
  /** Every open order, and whatever was placed within the duplicate window, protective exits included. */
  orders: z.array(placedOrder),
  day: z.strictObject({
    start_equity: unsignedDecimalText,
    /** Orders accepted today. */
    orders: z.int().min(0),
    /** Quote currency that today's entries risked. */
    risk_used: unsignedDecimalText,
  }),
  ticks: z.record(z.string(), tick),
  /** ATR in per cent of the price; null or absent where unknown. */
  atr_pct: z.record(z.string(), statistic),
  /** When the last entry was placed that has filled or may still fill: what a cool-down counts from. */
  last_order_at: z.record(z.string(), timestampMs),
  /** When the open position was opened. */
  entered_at: z.record(z.string(), timestampMs),
})
export type RiskSnapshot = z.infer<typeof riskSnapshot>
