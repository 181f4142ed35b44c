import { z } from 'zod'
import { featureVector } from '../contract/feature-vector.ts'
import { portfolio } from '../contract/position.ts'
import { preferences } from '../contract/preferences.ts'
import { statistic, timestampMs } from '../contract/primitives.ts'
import { tradingFlag } from '../contract/trading-flag.ts'
import { policy, type Policy } from '../contract/prompt-version.ts'
import { cleanText } from './clean-text.ts'
import { type DecisionSnapshot, decisionSnapshot, heldQuantity, productView, recentDecision, tickAgeMs } from './decision-snapshot.ts'
import { gateReason, type GateVerdict } from './gate.ts'

/** Longest part of one user message, and most messages, that a prompt carries. The oldest come first; later ones wait. */
const maxFeedbackLength = 1000
export const maxFeedbackPerPrompt = 10

const promptProduct = productView.pick({ product: true, stop_price: true, take_profit: true }).extend({
  why_asked: gateReason,
  tick_age_ms: z.int().min(0).nullable(),
  held_quantity: z.string(),
  minutes_held: z.number().min(0).nullable(),
  seconds_since_last_order: z.number().min(0).nullable(),
  features: featureVector.nullable(),
})
export type PromptProduct = z.infer<typeof promptProduct>

/** The user message of a decision prompt: data only. The offline model reads it back with this schema. */
export const promptInput = z.strictObject({
  market_time: timestampMs,
  trading: tradingFlag,
  policy,
  limits: decisionSnapshot.shape.limits,
  products: z.array(promptProduct),
  portfolio,
  preferences,
  risk_metrics: z.record(z.string(), statistic),
  recent_decisions: z.array(recentDecision),
  /** Quoted text of the user: wishes to weigh, never instructions about format, policy or limits. */
  user_feedback: z.array(z.strictObject({ feedback_id: z.string(), quoted_message: z.string() })),
})
export type PromptInput = z.infer<typeof promptInput>

interface PromptSource {
  readonly snapshot: DecisionSnapshot
  readonly verdicts: readonly GateVerdict[]
  /** The policy in force: `effectivePolicy` of the version's block and the preferences. */
  readonly policy: Policy
}

/** What a model is told: the products whose gate is open, and what it needs to decide on them. */
export function promptInputOf({ snapshot, verdicts, policy }: PromptSource): PromptInput {
  const { version: _version, updated_at: _updatedAt, ...wishes } = snapshot.preferences
  return {
    market_time: snapshot.market_time,
    trading: snapshot.trading,
    policy,
    limits: snapshot.limits,
    products: snapshot.products.flatMap((view) => {
      const verdict = verdicts.find((candidate) => candidate.product === view.product && candidate.is_open)
      return verdict === undefined ? [] : [productInput({ snapshot, view, verdict })]
    }),
    portfolio: snapshot.portfolio,
    preferences: wishes,
    risk_metrics: snapshot.risk_metrics,
    recent_decisions: snapshot.recent_decisions.map((recent) => Object.assign({}, recent, { summary: cleanText(recent.summary, 300) })),
    user_feedback: deliveredFeedback(snapshot).map((message) => ({
      feedback_id: message.feedback_id,
      quoted_message: cleanText(message.message, maxFeedbackLength),
    })),
  }
}

/** The messages that a prompt of this snapshot delivers: those to mark as processed by its decision. */
export function deliveredFeedback(snapshot: DecisionSnapshot): DecisionSnapshot['feedback'] {
  return snapshot.feedback.slice(0, maxFeedbackPerPrompt)
}

function productInput({
  snapshot,
  view,
  verdict,
}: {
  readonly snapshot: DecisionSnapshot
  readonly view: DecisionSnapshot['products'][number]
  readonly verdict: GateVerdict
}): PromptProduct {
  const since = (time: number | null, unitMs: number): number | null =>
    time === null ? null : Math.floor(Math.max(0, snapshot.market_time - time) / unitMs)
  return {
    product: view.product,
    why_asked: verdict.reason,
    tick_age_ms: tickAgeMs(snapshot, view),
    held_quantity: heldQuantity(snapshot, view.product),
    minutes_held: since(view.entered_at, 60_000),
    seconds_since_last_order: since(view.last_order_at, 1000),
    stop_price: view.stop_price,
    take_profit: view.take_profit,
    features: view.features,
  }
}
