import type { AgentRefusal } from '@trader/core/contract/agent-messages'
import type { DeniedReason } from '@trader/core/risk/denied-reason'
import type { exitCodes } from './exit-code.ts'

type Kind = Exclude<keyof typeof exitCodes, 'ok'>

/**
 * Every code with which a tool or a command may say no, and the exit code that says the same.
 * - usage: asked like this it can never work: malformed, contradictory, or naming what no stack knows.
 * - failed: well asked, but the world is not like that: it is not there, it is over, it is so already.
 * - refused: a gate that protects money said no.
 * - dependencyDown: a part of the stack does not answer; the same again may work.
 */
const kinds = {
  INVALID_ARGUMENTS: 'usage',
  INVALID_INPUT: 'usage',
  INVALID_ORDER: 'usage',
  INVALID_PREFERENCES: 'usage',
  EMPTY_MESSAGE: 'usage',
  UNKNOWN_PRODUCT: 'usage',

  NOT_FOUND: 'failed',
  UNKNOWN_VERSION: 'failed',
  UNKNOWN_WALLET: 'failed',
  NO_RUN: 'failed',
  NO_MARKET: 'failed',
  NO_MARKET_DATA: 'failed',
  NOT_STREAMED: 'failed',
  RUN_FINISHED: 'failed',
  ALREADY_ACTIVE: 'failed',
  NOTHING_TO_CHANGE: 'failed',
  TOO_MANY_PENDING: 'failed',
  UPDATE_FAILED: 'failed',
  LEDGER_REFUSED: 'failed',
  SOURCE_REFUSED: 'failed',
  INTERNAL_ERROR: 'failed',

  SCOPE_REQUIRED: 'refused',
  OUT_OF_BOUNDS: 'refused',
  TRADING_PAUSED: 'refused',
  TRADING_HALTED: 'refused',
  STALE_MARKET_DATA: 'refused',
  MISSING_MARKET_DATA: 'refused',
  PRICE_SANITY: 'refused',
  MIN_NOTIONAL: 'refused',
  INSUFFICIENT_CASH: 'refused',
  INSUFFICIENT_HOLDINGS: 'refused',
  TRADEABLE_FRACTION: 'refused',
  CASH_RESERVE: 'refused',
  MAX_CONCENTRATION: 'refused',
  MAX_GROSS_EXPOSURE: 'refused',
  MAX_DAILY_LOSS: 'refused',
  DAILY_RISK_BUDGET: 'refused',
  MAX_DAILY_ORDERS: 'refused',
  COOL_DOWN: 'refused',
  MIN_HOLD: 'refused',
  DUPLICATE_INTENT: 'refused',
  COST_GATE: 'refused',
  POLICY_BOUND: 'refused',
  UNRESOLVED_ORDER: 'refused',
  INTENT_EXPIRED: 'refused',
  IDEMPOTENCY_CONFLICT: 'refused',
  BATCH_REFUSED: 'refused',
  LIVE_TRADING_NOT_ACKNOWLEDGED: 'refused',
  RECONCILIATION_REQUIRED: 'refused',

  DATABASE_UNAVAILABLE: 'dependencyDown',
  TEMPORAL_UNAVAILABLE: 'dependencyDown',
  WORKFLOW_NOT_RUNNING: 'dependencyDown',
  TIMEOUT: 'dependencyDown',
} as const satisfies Readonly<Record<DeniedReason | AgentRefusal['reason'], Kind>> & Readonly<Record<string, Kind>>

export type RefusalCode = keyof typeof kinds

/** The kind of exit that a refusal is; a code that nobody knows is a failure. */
export function refusalKind(code: string): Kind {
  return isRefusalCode(code) ? kinds[code] : 'failed'
}

export function isRefusalCode(code: string): code is RefusalCode {
  return Object.hasOwn(kinds, code)
}
