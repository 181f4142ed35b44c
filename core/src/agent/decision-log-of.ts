import type { DecisionLog } from '../contract/agent-messages.ts'
import type { Decision } from '../contract/decision.ts'
import { cleanText } from './clean-text.ts'

/** What the execution agent remembers of a decision: its outcome in a line, not what it saw. */
export function decisionLogOf(record: Omit<Decision, 'recorded_at' | 'blocks'> & { readonly blocks: readonly unknown[] }): DecisionLog {
  const { id, run_id, book, market_time, action, hold_reason, products, prompt_version, model, orders, feedback_used } = record
  const words = record.proposal?.summary ?? record.hold_detail ?? record.hold_reason ?? ''
  return {
    id,
    run_id,
    book,
    market_time,
    action,
    hold_reason,
    products,
    prompt_version,
    model,
    orders,
    feedback_used,
    blocks: record.blocks.length,
    model_calls: record.model_calls.length,
    summary: cleanText(words, 500),
  }
}
