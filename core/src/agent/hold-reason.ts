import { z } from 'zod'
import type { ModelCall } from '../contract/model-call.ts'
import type { GateVerdict } from './gate.ts'

/** Every reason for which a decision places no order. Closed: a new one is added here. */
export const holdReason = z.enum([
  'NO_PRODUCTS',
  'TRADING_HALTED',
  'TRADING_PAUSED',
  'NO_MARKET_DATA',
  'GATE_CLOSED',
  'GATE_RATE_LIMIT',
  'MODEL_CHOSE_HOLD',
  'MODEL_TIMEOUT',
  'MODEL_RATE_LIMITED',
  'MODEL_ERROR',
  'MODEL_INVALID_OUTPUT',
  'MODEL_TOO_LONG',
  'MODEL_AFTER_DEADLINE',
  'MODEL_OVER_BUDGET',
  'POLICY_REFUSED',
  'RISK_REFUSED',
  'LEDGER_REFUSED',
])
export type HoldReason = z.infer<typeof holdReason>

type ModelCallOutcome = ModelCall['outcome']

const callReasons: Readonly<Record<ModelCallOutcome, HoldReason | null>> = {
  ok: null,
  repaired: null,
  timeout: 'MODEL_TIMEOUT',
  rate_limited: 'MODEL_RATE_LIMITED',
  provider_error: 'MODEL_ERROR',
  invalid_output: 'MODEL_INVALID_OUTPUT',
  too_long: 'MODEL_TOO_LONG',
  after_deadline: 'MODEL_AFTER_DEADLINE',
  over_budget: 'MODEL_OVER_BUDGET',
}

/** Why a decision holds after a model call that gave no usable answer; null for `ok` and `repaired`. */
export function holdReasonOfCall(outcome: ModelCallOutcome): HoldReason | null {
  return callReasons[outcome]
}

/** Why a decision calls no model; null when a product's gate is open. Of several reasons, the one a reader would act on first. */
export function holdReasonOfGate(verdicts: readonly GateVerdict[]): HoldReason | null {
  if (verdicts.some((verdict) => verdict.is_open)) return null
  const reasons = new Set(verdicts.map((verdict) => verdict.reason))
  if (reasons.size === 0) return 'NO_PRODUCTS'
  if (reasons.has('TRADING_HALTED')) return 'TRADING_HALTED'
  if (reasons.has('PRICE_UNCHANGED')) return 'GATE_CLOSED'
  if (reasons.has('RATE_LIMIT')) return 'GATE_RATE_LIMIT'
  return reasons.has('PAUSED_WITHOUT_POSITION') ? 'TRADING_PAUSED' : 'NO_MARKET_DATA'
}
