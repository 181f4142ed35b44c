import { z } from 'zod'
import { fraction, positiveDecimalText, unsignedDecimalText } from '../contract/primitives.ts'

/** Every risk limit and its default. Fractions are of equity unless said otherwise; amounts in quote currency. */
export const riskLimits = z.strictObject({
  starting_cash: positiveDecimalText.default('10000'),
  /** In one product, open buys included. */
  max_position: fraction.default(0.25),
  /** In all products together, open buys included. */
  max_gross_exposure: fraction.default(0.8),
  /** Kept in cash that no order holds. */
  cash_reserve: fraction.default(0.05),
  /** Of day-start equity; entries stop once the day has lost this much. */
  max_daily_loss: fraction.default(0.03),
  /** Of day-start equity: what all entries of a day together may risk down to their stops. */
  daily_risk_budget: fraction.default(0.06),
  max_orders_per_day: z.int().min(1).max(100_000).default(50),
  min_notional: unsignedDecimalText.default('10'),
  /** Between two entries of one product. */
  cool_down_seconds: z.int().min(0).max(86_400).default(60),
  /** An entry like one this recent looks like a mistake: same product, side, type and size. */
  duplicate_window_seconds: z.int().min(0).max(86_400).default(60),
  /** How far a limit may be on the wrong side of the touch, as a fraction of it. */
  max_limit_deviation: fraction.default(0.05),
  /** Widest spread at which to enter, as a fraction of the middle. */
  max_spread: fraction.default(0.05),
  /** Room above the expected price that a market BUY reserves and never exceeds, as a fraction of the price. */
  price_buffer: fraction.default(0.01),
  /** What the expected edge must exceed the round trip's cost by, as a fraction of the cost. */
  cost_gate_buffer: fraction.default(0.1),
  /** Without a stop an entry risks notional x this x ATR%. */
  risk_atr_multiple: z.number().min(0).max(100).default(2),
  /** ATR in per cent of the price where it is not known. */
  assumed_atr_pct: z.number().min(0).max(100).default(5),
  /** Age at which a price is too old to trade on; null: 5 s on a stream, two candles in replay (`market/market-clock`). */
  stale_after_ms: z.int().positive().nullable().default(null),
})
export type RiskLimits = z.infer<typeof riskLimits>

export const defaultRiskLimits: RiskLimits = riskLimits.parse({})
