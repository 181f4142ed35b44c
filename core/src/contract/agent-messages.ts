import { z } from 'zod'
import { decision } from './decision.ts'
import { feedback } from './feedback.ts'
import { storedPreferences } from './preferences.ts'
import { id, timestampMs } from './primitives.ts'
import { isStorable } from './storable.ts'
import { tradingFlag } from './trading-flag.ts'

const unstorable = 'must be text without NUL and broken characters'
const shortText = (most: number) => z.string().min(1).max(most).refine(isStorable, unstorable)

export const agentName = z.enum(['broker', 'execution', 'judge'])
export type AgentName = z.infer<typeof agentName>

/** Why an agent did not do what it was asked for. */
export const agentRefusalReason = z.enum([
  'INVALID_PREFERENCES',
  'NOTHING_TO_CHANGE',
  'OUT_OF_BOUNDS',
  'UNKNOWN_VERSION',
  'ALREADY_ACTIVE',
  'EMPTY_MESSAGE',
  'TOO_MANY_PENDING',
  'IDEMPOTENCY_CONFLICT',
])

export const fieldProblem = z.strictObject({ field: z.string(), problem: z.string() })
export type FieldProblem = z.infer<typeof fieldProblem>

/** Nothing was changed. `problems` names each wrong field where fields were wrong. */
export const agentRefusal = z.strictObject({
  ok: z.literal(false),
  reason: agentRefusalReason,
  detail: z.string(),
  problems: z.array(fieldProblem),
})
export type AgentRefusal = z.infer<typeof agentRefusal>

/** Some preferences under their names; what is not named stays as it is. Each value is judged on its own, so that each gets its reason. */
export const preferencesPatch = z
  .record(z.string().max(64), z.json())
  .refine((patch) => Object.keys(patch).length <= 32, 'at most 32 preferences')
  .refine(isAtMost(4_000), 'at most 4,000 characters of JSON')
  .refine(isStorable, unstorable)
export type PreferencesPatch = z.infer<typeof preferencesPatch>

export const setPreferencesResult = z.union([
  z.strictObject({
    ok: z.literal(true),
    preferences: storedPreferences,
    /** Names whose value is another one now. */
    changed: z.array(z.string()),
    /** Whether the open books scrape by it already. Everything else is read by the next decision. */
    ledger: z.enum(['applied', 'pending']),
  }),
  agentRefusal,
])
export type SetPreferencesResult = z.infer<typeof setPreferencesResult>

/** A message for an agent. The same `feedback_id` again is the same message; without one, the update's own id serves. */
export const addFeedback = z.object({ feedback_id: id.optional(), message: z.string().max(2000) })
export type AddFeedback = z.infer<typeof addFeedback>

export const addFeedbackResult = z.union([
  z.strictObject({ ok: z.literal(true), feedback_id: id, status: z.enum(['stored', 'exists']), pending: z.int().min(0) }),
  agentRefusal,
])
export type AddFeedbackResult = z.infer<typeof addFeedbackResult>

export const setTradingFlag = z.strictObject({
  flag: tradingFlag,
  reason: shortText(500),
  by: shortText(64),
})
export type SetTradingFlag = z.infer<typeof setTradingFlag>

/** `stored`: in Postgres, where every reserve reads it. `kept`: the agent has it and copies it as soon as Postgres answers. */
export const setTradingFlagResult = z.strictObject({
  flag: tradingFlag,
  previous: tradingFlag.nullable(),
  status: z.enum(['stored', 'kept']),
})
export type SetTradingFlagResult = z.infer<typeof setTradingFlagResult>

export const keptTradingFlag = setTradingFlag.extend({ set_at: timestampMs, is_stored: z.boolean() })
export type KeptTradingFlag = z.infer<typeof keptTradingFlag>

/** What the execution agent remembers of a decision; the whole record is in Postgres under its id. */
export const decisionLog = decision
  .pick({
    id: true,
    run_id: true,
    book: true,
    market_time: true,
    action: true,
    hold_reason: true,
    products: true,
    prompt_version: true,
    model: true,
    orders: true,
    feedback_used: true,
  })
  .extend({ blocks: z.int().min(0), model_calls: z.int().min(0), summary: z.string().max(500) })
export type DecisionLog = z.infer<typeof decisionLog>

const logHeader = { log_id: id.optional(), correlation_id: id.nullable().default(null), market_time: timestampMs.nullable().default(null) }

export const actionLog = z.strictObject({
  ...logHeader,
  action: shortText(64),
  detail: z
    .record(z.string().max(64), z.json())
    .refine(isAtMost(2_000), 'at most 2,000 characters of JSON')
    .refine(isStorable, unstorable)
    .default({}),
})
export const summaryLog = z.strictObject({ ...logHeader, summary: shortText(2000) })
/** What the user and the broker said or did. */
export const interactionLog = z.strictObject({ ...logHeader, by: z.enum(['user', 'broker']), text: shortText(2000) })

/** One line of an agent's own log. `refused` keeps what a signal asked for in vain, and why. */
export const agentLogEntry = z.strictObject({
  log_id: id,
  agent: agentName,
  kind: z.enum(['action', 'summary', 'interaction', 'refused']),
  correlation_id: id.nullable(),
  market_time: timestampMs.nullable(),
  recorded_at: timestampMs,
  payload: z.record(z.string(), z.json()),
})
export type AgentLogEntry = z.infer<typeof agentLogEntry>

/** Which lines of a log: of one kind, recorded at or after `since_ts`, the newest `limit`, newest first. */
export const logQuery = z.object({
  event_type: z.string().optional(),
  since_ts: timestampMs.optional(),
  limit: z.int().min(1).max(1000).default(1000),
})
export type LogQuery = z.input<typeof logQuery>

/** Counted since the agent first started, across continue-as-new. */
export const executionStats = z.strictObject({
  decisions: z.int().min(0),
  trades: z.int().min(0),
  holds: z.int().min(0),
  orders: z.int().min(0),
  blocks: z.int().min(0),
  model_calls: z.int().min(0),
  feedback_received: z.int().min(0),
  feedback_used: z.int().min(0),
  refused_messages: z.int().min(0),
  since: timestampMs,
})
export type ExecutionStats = z.infer<typeof executionStats>

/** What the execution agent knows. Where Postgres says otherwise, Postgres is right. */
export const executionState = z.strictObject({
  trading_flag: keptTradingFlag.nullable(),
  preferences_version: z.int().min(0).nullable(),
  prompt_version: z.int().positive().nullable(),
  last_decision: decisionLog.nullable(),
  pending_feedback: z.array(feedback),
})
export type ExecutionState = z.infer<typeof executionState>

function isAtMost(characters: number): (value: unknown) => boolean {
  return (value) => JSON.stringify(value).length <= characters
}
