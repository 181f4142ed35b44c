import { z } from 'zod'
import { book, decimalText, id, positiveDecimalText, productId, timestampMs, unsignedDecimalText } from './primitives.ts'

export const orderSide = z.enum(['BUY', 'SELL'])
export type OrderSide = z.infer<typeof orderSide>

export const orderType = z.enum(['market', 'limit', 'stop', 'take_profit'])
export type OrderType = z.infer<typeof orderType>

export const timeInForce = z.enum(['GTC', 'IOC', 'FOK'])
export type TimeInForce = z.infer<typeof timeInForce>

export const orderState = z.enum([
  'PROPOSED',
  'DENIED',
  'ARMED',
  'RESERVED',
  'ABORTED',
  'SENT',
  'WORKING',
  'PARTIAL',
  'PENDING_CANCEL',
  'UNKNOWN',
  'FILLED',
  'CANCELLED',
  'EXPIRED',
  'REJECTED',
  'FAILED',
  'PRESUMED_ABSENT',
  'CONFLICT',
])
export type OrderState = z.infer<typeof orderState>

/** What a caller asks for. Exactly one of quantity (base units) and notional (quote currency). A price is a limit, never the fill. */
export const orderRequest = z
  .strictObject({
    product: productId,
    side: orderSide,
    type: orderType.default('market'),
    quantity: positiveDecimalText.optional(),
    notional: positiveDecimalText.optional(),
    limit_price: positiveDecimalText.optional(),
    /** Trigger of a `stop` or `take_profit` order; on an entry, the protective stop to arm once it fills. */
    stop_price: positiveDecimalText.optional(),
    take_profit: positiveDecimalText.optional(),
    time_in_force: timeInForce.optional(),
    expected_edge_bps: z.number().min(-10_000).max(10_000).optional(),
  })
  .refine((request) => (request.quantity === undefined) !== (request.notional === undefined), 'give exactly one of quantity and notional')
  .refine((request) => request.type !== 'limit' || request.limit_price !== undefined, 'a limit order needs limit_price')
  .refine((request) => request.type !== 'stop' || request.stop_price !== undefined, 'a stop order needs stop_price')
  .refine((request) => request.type !== 'take_profit' || request.take_profit !== undefined, 'a take_profit order needs take_profit')
  .refine(
    (request) => request.side === 'SELL' || (request.type !== 'stop' && request.type !== 'take_profit'),
    'stop and take_profit orders sell; a BUY is market or limit',
  )
export type OrderRequest = z.infer<typeof orderRequest>

/** An order in full, as it is stored and shown. */
export const order = z.strictObject({
  order_id: z.uuid(),
  workflow_id: id,
  run_id: id,
  book,
  /** The decision or manual key it came from, and its place among that origin's orders. */
  origin: id,
  leg: z.int().min(0),
  correlation_id: id,
  product: z.string(),
  side: orderSide,
  type: orderType,
  time_in_force: timeInForce,
  quantity: positiveDecimalText,
  limit_price: positiveDecimalText.nullable(),
  stop_price: positiveDecimalText.nullable(),
  take_profit: positiveDecimalText.nullable(),
  expected_edge_bps: z.number().nullable(),
  /** The entry whose position this stop or take-profit protects; of two siblings only one may trigger. */
  parent_order_id: z.uuid().nullable(),
  state: orderState,
  state_reason: z.string().nullable(),
  filled_quantity: unsignedDecimalText,
  average_price: positiveDecimalText.nullable(),
  fee: decimalText,
  /** These three are on the market's clock, so that a replay tells the same twice: made, last changed, and over if unfilled. */
  market_time: timestampMs,
  updated_at: timestampMs,
  expires_at: timestampMs.nullable(),
})
export type Order = z.infer<typeof order>
