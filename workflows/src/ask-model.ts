import { ActivityFailure, proxyActivities } from '@temporalio/workflow'
import type { ModelDecision } from '@trader/core/contract/decision'
import type { ModelCall } from '@trader/core/contract/model-call'
import { parseDecision } from '@trader/core/agent/parse-decision'
import type { Prompt } from '@trader/core/agent/prompt-render'
import { repairPrompt } from '@trader/core/agent/repair-prompt'
import type { CallContext, ModelActivities } from './activities.ts'

/** What came of asking a model: a decision, or why there is none. */
export interface Answer {
  readonly outcome: ModelCall['outcome']
  readonly detail: string | null
  readonly decision: ModelDecision | null
  /** Ids of the calls that were made, at most two. */
  readonly calls: readonly string[]
}

/**
 * Asks once, and once more to repair a reply that cannot be used. Everything that can go wrong with a model is an
 * outcome here: no failure of it can fail a decision or let it wait longer than its deadline.
 */
export async function askModel(options: {
  readonly prompt: Prompt
  readonly products: readonly string[]
  readonly context: CallContext
  readonly deadlineMs: number
}): Promise<Answer> {
  const { prompt, products, context, deadlineMs } = options
  const first = await call({ prompt, context, attempt: 1, deadlineMs })
  if (first.outcome !== 'ok') return { ...first, decision: null, calls: [first.callId] }
  const parsed = parseDecision(first.text, products)
  if (parsed.ok) return { outcome: 'ok', detail: null, decision: parsed.value, calls: [first.callId] }
  if (parsed.reason === 'TOO_LONG') return { outcome: 'too_long', detail: parsed.detail, decision: null, calls: [first.callId] }

  const repair = repairPrompt({ prompt, reply: first.text, fault: parsed })
  const second = await call({ prompt: repair, context, attempt: 2, deadlineMs: deadlineMs - first.latencyMs })
  const calls = [first.callId, second.callId]
  if (second.outcome !== 'ok') return { ...second, decision: null, calls }
  const repaired = parseDecision(second.text, products)
  if (repaired.ok) return { outcome: 'repaired', detail: parsed.detail, decision: repaired.value, calls }
  return { outcome: 'invalid_output', detail: `${parsed.detail}; after one repair: ${repaired.detail}`, decision: null, calls }
}

interface Reply {
  readonly callId: string
  readonly outcome: ModelCall['outcome']
  readonly detail: string | null
  readonly text: string
  readonly latencyMs: number
}

async function call(options: { prompt: Prompt; context: CallContext; attempt: number; deadlineMs: number }): Promise<Reply> {
  const { prompt, context, attempt, deadlineMs } = options
  const callId = `${context.correlation_id}:call-${attempt}`
  if (deadlineMs <= 0) return failed(callId, 'after_deadline', 'no time is left for another call')
  const { callModel } = proxyActivities<ModelActivities>({
    startToCloseTimeout: deadlineMs + 2_000,
    scheduleToCloseTimeout: deadlineMs + 5_000,
    retry: { initialInterval: '200ms', maximumAttempts: 3 },
  })
  try {
    const reply = await callModel({ call_id: callId, prompt, deadline_ms: deadlineMs, ...context })
    return { callId, outcome: reply.outcome, detail: reply.error, text: reply.text, latencyMs: reply.latency_ms }
  } catch (error) {
    if (error instanceof ActivityFailure) return failed(callId, 'timeout', error.cause?.message ?? error.message)
    throw error
  }
}

function failed(callId: string, outcome: ModelCall['outcome'], detail: string): Reply {
  return { callId, outcome, detail, text: '', latencyMs: 0 }
}
