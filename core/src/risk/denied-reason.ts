import { z } from 'zod'

/** Every reason for which an order may be refused. Closed: a new rule adds its reason here. */
export const deniedReason = z.enum([
  'TRADING_PAUSED',
  'TRADING_HALTED',
  'UNKNOWN_PRODUCT',
  'INVALID_ORDER',
  'STALE_MARKET_DATA',
  'MISSING_MARKET_DATA',
  'PRICE_SANITY',
  'MIN_NOTIONAL',
  'INSUFFICIENT_CASH',
  'INSUFFICIENT_HOLDINGS',
  'TRADEABLE_FRACTION',
  'CASH_RESERVE',
  'MAX_CONCENTRATION',
  'MAX_GROSS_EXPOSURE',
  'MAX_DAILY_LOSS',
  'DAILY_RISK_BUDGET',
  'MAX_DAILY_ORDERS',
  'COOL_DOWN',
  'MIN_HOLD',
  'DUPLICATE_INTENT',
  'COST_GATE',
  'POLICY_BOUND',
  'UNRESOLVED_ORDER',
  'INTENT_EXPIRED',
  'IDEMPOTENCY_CONFLICT',
  'BATCH_REFUSED',
  'LIVE_TRADING_NOT_ACKNOWLEDGED',
  'RECONCILIATION_REQUIRED',
])
export type DeniedReason = z.infer<typeof deniedReason>

/** One check that an order failed, with a sentence that has the numbers. */
export const failedCheck = z.strictObject({ reason: deniedReason, detail: z.string() })
export type FailedCheck = z.infer<typeof failedCheck>

/** A refusal is a value, not an exception. */
export interface Denied {
  readonly ok: false
  readonly reason: DeniedReason
  readonly detail: string
}
