import { z } from 'zod'
import { book, id, timestampMs } from './primitives.ts'

/** The closed list of facts the event log may hold. `tick` and chat frames travel their own way. */
export const eventType = z.enum([
  'run_started',
  'run_finished',
  'component_started',
  'component_failed',
  'component_stopped',
  'intent',
  'order_submitted',
  'order_updated',
  'fill',
  'position_update',
  'profit_scraped',
  'trade_blocked',
  'trading_flag_changed',
  'wallet_changed',
  'decision_made',
  'decision_failed',
  'llm_call',
  'prompt_version_created',
  'prompt_version_activated',
  'preferences_changed',
  'feedback_received',
  'feedback_processed',
  'plan_judged',
  'judge_action_applied',
  'judge_action_skipped',
  'tick_quarantined',
  'market_connection',
  'backtest_progress',
  'operator_action',
])
export type EventType = z.infer<typeof eventType>

/** One line of the event log. `id` is gap-free and is the resume cursor. */
export const event = z.strictObject({
  id: z.int().positive(),
  type: eventType,
  source: z.string().max(64),
  book: book.nullable(),
  timestamp: timestampMs,
  recorded_at: timestampMs,
  payload: z.record(z.string(), z.json()),
  run_id: id.nullable(),
  correlation_id: id.nullable(),
})
export type Event = z.infer<typeof event>
