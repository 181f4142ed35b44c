import { z } from 'zod'
import { featureVector } from '../contract/feature-vector.ts'
import { feedback } from '../contract/feedback.ts'
import { portfolio } from '../contract/position.ts'
import { storedPreferences } from '../contract/preferences.ts'
import { book, decimalText, id, positiveDecimalText, statistic, timestampMs, unsignedDecimalText } from '../contract/primitives.ts'
import { promptVersion } from '../contract/prompt-version.ts'
import { tick } from '../contract/tick.ts'
import { tradingFlag } from '../contract/trading-flag.ts'

/** One product as a decision sees it. Its position is in the portfolio. */
export const productView = z.strictObject({
  product: z.string(),
  tick: tick.nullable(),
  features: featureVector.nullable(),
  /** Triggers of the protective orders that guard the position. */
  stop_price: positiveDecimalText.nullable(),
  take_profit: positiveDecimalText.nullable(),
  /** Quote currency that open buys may still spend, and base units that open sells (not armed ones) may still sell. */
  open_buy_notional: unsignedDecimalText,
  open_sell_quantity: unsignedDecimalText,
  /** When the open position was opened; null when flat. */
  entered_at: timestampMs.nullable(),
  last_order_at: timestampMs.nullable(),
})
export type ProductView = z.infer<typeof productView>

/** What an earlier decision did, short enough to be remembered in a prompt. */
export const recentDecision = z.strictObject({
  market_time: timestampMs,
  action: z.enum(['TRADE', 'HOLD']),
  orders: z.array(z.string()),
  summary: z.string(),
})

/** Everything one decision sees. Gate, prompt, bounds and risk are computed from this recorded value and nothing else. */
export const decisionSnapshot = z.strictObject({
  run_id: id,
  book,
  market_time: timestampMs,
  trading: tradingFlag,
  products: z.array(productView).max(20),
  portfolio,
  preferences: storedPreferences,
  prompt: promptVersion.pick({ version: true, mode: true, text: true, text_hash: true, policy: true }),
  /** Messages not delivered yet, oldest first. */
  feedback: z.array(feedback),
  /** The numbers of `core/risk/limits` that a proposal should respect. */
  limits: z.strictObject({
    min_notional: unsignedDecimalText,
    taker_fee_bps: z.number().min(0),
    /** Age at which a tick is too old to trade on. */
    stale_after_ms: z.int().positive(),
  }),
  risk_metrics: z.record(z.string(), statistic),
  recent_decisions: z.array(recentDecision).max(10),
  /** What the model budget of this UTC day (wall time) still allows, calls under way counted as spent; null where there is none. */
  model_budget_left_usd: decimalText.nullable(),
})
export type DecisionSnapshot = z.infer<typeof decisionSnapshot>

/** Base units held of a product, as text; "0" when none. */
export function heldQuantity(snapshot: DecisionSnapshot, product: string): string {
  return snapshot.portfolio.positions.find((position) => position.product === product)?.quantity ?? '0'
}

/** Age of the newest tick in ms of market time; null without one. */
export function tickAgeMs(snapshot: DecisionSnapshot, view: ProductView): number | null {
  return view.tick === null ? null : Math.max(0, snapshot.market_time - view.tick.market_time)
}
