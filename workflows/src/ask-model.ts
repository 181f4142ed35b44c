import { ActivityFailure, isCancellation, proxyActivities, TimeoutFailure } from '@temporalio/workflow'
import type { ModelDecision } from '@trader/core/contract/decision'
import type { ModelCall } from '@trader/core/contract/model-call'
import { type InvalidReply, parseDecision } from '@trader/core/agent/parse-decision'
import type { Prompt } from '@trader/core/agent/prompt-render'
import { repairPrompt } from '@trader/core/agent/repair-prompt'
import type { CallContext, ModelActivities, ModelReply } from './activities.ts'

/** What came of asking a model: a decision, or why there is none. */
export interface Answer {
  readonly outcome: ModelCall['outcome']
  readonly detail: string | null
  readonly decision: ModelDecision | null
  /** Ids of the calls that were made, at most two. */
  readonly calls: readonly string[]
}

/** What happened when a worker did not answer: time for it to say so itself, and for one whose worker died to be tried again. */
const graceMs = 1000

interface Question {
  readonly prompt: Prompt
  readonly products: readonly string[]
  readonly context: CallContext
  /** What is left of the decision's time, in ms. */
  readonly deadlineMs: number
}

/**
 * Asks once, and once more to repair a reply that cannot be used. Everything that can go wrong with a model is an
 * outcome here: no failure of it can fail a decision or let it wait longer than its deadline.
 */
export async function askModel(question: Question): Promise<Answer> {
  const first = await call(question, 1)
  const { fault, detail, latencyMs } = first
  if (fault === null) return answerOf(first, [first.callId])
  const deadlineMs = question.deadlineMs - latencyMs
  if (deadlineMs <= 0) return answerOf({ ...first, detail: `${detail}; no time was left to repair it` }, [first.callId])

  const prompt = repairPrompt({ prompt: question.prompt, reply: first.text, fault })
  const second = await call({ ...question, prompt, deadlineMs }, 2)
  const calls = [first.callId, second.callId]
  if (second.decision !== null) return answerOf({ ...second, outcome: 'repaired', detail }, calls)
  return answerOf({ ...second, detail: `${detail}; after one repair: ${second.detail}` }, calls)
}

/** One call: a decision, a fault that its author could repair, or neither. */
interface Call {
  readonly callId: string
  readonly outcome: ModelCall['outcome']
  readonly detail: string | null
  readonly text: string
  readonly latencyMs: number
  readonly decision: ModelDecision | null
  readonly fault: { readonly reason: InvalidReply; readonly detail: string } | null
}

function answerOf({ outcome, detail, decision }: Call, calls: readonly string[]): Answer {
  return { outcome, detail, decision, calls }
}

async function call({ prompt, products, context, deadlineMs }: Question, attempt: number): Promise<Call> {
  const callId = `${context.correlation_id}:call-${attempt}`
  const { callModel } = proxyActivities<ModelActivities>({
    startToCloseTimeout: deadlineMs + graceMs,
    scheduleToCloseTimeout: deadlineMs + 2 * graceMs,
    heartbeatTimeout: '5s',
    retry: { initialInterval: '200ms', maximumAttempts: 3 },
  })
  try {
    const reply = await callModel({ call_id: callId, prompt, deadline_ms: deadlineMs, ...context })
    return judge(callId, reply, products)
  } catch (error) {
    if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error
    const outcome = error.cause instanceof TimeoutFailure ? 'timeout' : 'provider_error'
    return { callId, outcome, detail: error.cause?.message ?? error.message, text: '', latencyMs: 0, decision: null, fault: null }
  }
}

function judge(callId: string, { outcome, text, error, latency_ms: latencyMs }: ModelReply, products: readonly string[]): Call {
  const made = { callId, text, latencyMs, decision: null }
  if (outcome === 'ok') {
    const parsed = parseDecision(text, products)
    if (parsed.ok) return { ...made, outcome, detail: null, decision: parsed.value, fault: null }
    return { ...made, outcome: parsed.reason === 'TOO_LONG' ? 'too_long' : 'invalid_output', detail: parsed.detail, fault: parsed }
  }
  const reason = unusable[outcome]
  return { ...made, outcome, detail: error, fault: reason === undefined ? null : { reason, detail: error ?? outcome } }
}

/** Outcomes of a reply that came but cannot be used, as its author is told of them. */
const unusable: { readonly [outcome in ModelCall['outcome']]?: InvalidReply } = { too_long: 'TOO_LONG', invalid_output: 'NOT_ONE_OBJECT' }
