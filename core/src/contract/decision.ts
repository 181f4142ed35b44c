import { z } from 'zod'
import { book, id, positiveDecimalText, productId, sha256Hex, timestampMs } from './primitives.ts'
import { decisionSnapshot } from '../agent/decision-snapshot.ts'
import { gateState, gateVerdict } from '../agent/gate.ts'
import { holdReason } from '../agent/hold-reason.ts'
import { block } from './block.ts'
import { orderType, timeInForce } from './order.ts'

/** What a model proposes for one product. It names no price it will get: sizes and limits are checked by code. */
export const productDecision = z.strictObject({
  product: productId,
  action: z.enum(['BUY', 'SELL', 'HOLD']),
  notional: positiveDecimalText.optional(),
  fraction: z.number().min(0).max(1).optional(),
  order_type: orderType.extract(['market', 'limit']).default('market'),
  limit_price: positiveDecimalText.optional(),
  time_in_force: timeInForce.optional(),
  stop_price: positiveDecimalText.optional(),
  take_profit: positiveDecimalText.optional(),
  confidence: z.number().min(0).max(1),
  expected_edge_bps: z.number().min(-10_000).max(10_000),
  reasoning: z.string().max(2000),
  evidence: z.array(z.string().max(300)).max(20),
})
export type ProductDecision = z.infer<typeof productDecision>

export const modelDecision = z.strictObject({
  decisions: z.array(productDecision).max(20),
  summary: z.string().max(2000),
})
export type ModelDecision = z.infer<typeof modelDecision>

/** The record of one decision: what woke it, what it saw, what it did and why. */
export const decision = z.strictObject({
  id,
  run_id: id,
  book,
  market_time: timestampMs,
  recorded_at: timestampMs,
  action: z.enum(['TRADE', 'HOLD']),
  hold_reason: holdReason.nullable(),
  /** What was wrong, where the reason alone does not say it. */
  hold_detail: z.string().nullable(),
  products: z.array(z.string()),
  prompt_version: z.int().positive().nullable(),
  prompt_hash: sha256Hex.nullable(),
  model: z.string().nullable(),
  /** What the gate said of each product, and what it remembers for the next decision. */
  gate: z.strictObject({ verdicts: z.array(gateVerdict), state: gateState }),
  snapshot: decisionSnapshot,
  proposal: modelDecision.nullable(),
  model_calls: z.array(id),
  orders: z.array(z.uuid()),
  blocks: z.array(block.omit({ recorded_at: true })),
  feedback_used: z.array(id),
  preferences_version: z.int().min(0).nullable(),
})
export type Decision = z.infer<typeof decision>
