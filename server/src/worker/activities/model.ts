import { Context } from '@temporalio/activity'
import { promptHash, promptText } from '@trader/core/agent/prompt-render'
import { maxReplyLength } from '@trader/core/agent/read-reply'
import type { ModelActivities, ModelReply, ModelRequest } from '@trader/workflows/activities'
import { type Pool, withTransaction } from '../../database/pool.ts'
import { findModelCall } from '../../database/queries/find-model-call.ts'
import { reserveModelCost, settleModelCost } from '../../database/queries/reserve-model-cost.ts'
import { saveModelCall } from '../../database/queries/save-model-call.ts'
import { savePromptText } from '../../database/queries/save-prompt-text.ts'
import { type ModelBudget, reserveCall } from '../../llm/budget.ts'
import { type ModelClient, promptTokens } from '../../llm/model.ts'
import { callCost } from '../../llm/price-table.ts'
import { plainText } from '../feed/plain-text.ts'
import { beating } from './beating.ts'

/** A decision over twenty products needs about half of this. */
const maxOutputTokens = 4096

interface Dependencies {
  readonly pool: Pool
  readonly models: ModelClient
  readonly budget: ModelBudget
}

/**
 * Calls of models, each stored with its prompt, tokens, cost and latency. A call that was stored is never made again. What it may
 * cost is reserved first and settled by its record: a call that is lost with its worker stays counted.
 */
export function createModelActivities({ pool, models, budget }: Dependencies): ModelActivities {
  const reserve = (request: ModelRequest) => {
    const { call_id: callId, agent, model, prompt } = request
    return reserveCall({
      most: { model, tokensIn: promptTokens(prompt), tokensOut: maxOutputTokens },
      budget,
      reserve: (wish) => reserveModelCost(pool, { callId, attempt: attemptOf(), agent, ...wish }),
      now: Date.now(),
    })
  }
  const store = (request: ModelRequest, made: MadeCall): Promise<void> =>
    withTransaction(pool, async (db) => {
      await savePromptText(db, { textHash: promptHash(request.prompt), text: promptText(request.prompt) })
      const isStored = await saveModelCall(db, callRecord(request, made, budget))
      if (isStored) await settleModelCost(db, { callId: request.call_id, attempt: attemptOf() })
    })
  const call = async (request: ModelRequest): Promise<MadeCall> => {
    const verdict = await reserve(request)
    const made = verdict.ok ? await ask(models, request) : { ...nothingAsked, outcome: verdict.reason, error: verdict.detail }
    await store(request, made)
    return made
  }
  return {
    callModel: (request) =>
      beating(async () => {
        const stored = await findModelCall(pool, request.call_id)
        const { outcome, text, error } = stored === null ? await call(request) : { ...stored, text: stored.reply }
        return { outcome, text: (text ?? '').slice(0, maxReplyLength + 1), error, latency_ms: waitedMs() }
      }),
  }
}

/** Which try of the activity this is. */
function attemptOf(): number {
  return Context.current().info.attempt
}

/** Wall time since the workflow asked, in ms: waiting for a worker, and what a dead one had used up, count as well. */
function waitedMs(): number {
  return Math.max(0, Date.now() - Context.current().info.scheduledTimestampMs)
}

interface MadeCall {
  readonly outcome: ModelReply['outcome']
  readonly text: string | null
  readonly error: string | null
  readonly tokensIn: number
  readonly tokensOut: number
  readonly latencyMs: number
}

const nothingAsked = { text: null, tokensIn: 0, tokensOut: 0, latencyMs: 0 } as const

async function ask(models: ModelClient, { model, prompt, deadline_ms }: ModelRequest): Promise<MadeCall> {
  const signal = Context.current().cancellationSignal
  const deadlineMs = deadline_ms - waitedMs()
  if (deadlineMs <= 0) return { ...nothingAsked, outcome: 'timeout', error: `the ${deadline_ms} ms were over before a worker could ask` }
  const made = await models.complete({ ...prompt, model, maxOutputTokens, deadlineMs, signal })
  if (made.outcome !== 'ok' || made.latencyMs <= deadlineMs) return made
  return { ...made, outcome: 'after_deadline', error: `the answer took ${made.latencyMs} ms, the decision allowed ${deadlineMs} ms` }
}

function callRecord(request: ModelRequest, made: MadeCall, { unknownModelPrice }: ModelBudget): Parameters<typeof saveModelCall>[1] {
  const { call_id, agent, model, prompt_version, correlation_id, run_id, market_time } = request
  return {
    call_id,
    agent,
    model,
    prompt_version,
    correlation_id,
    run_id,
    market_time,
    prompt_hash: promptHash(request.prompt),
    reply: made.text === null ? null : plainText(made.text.slice(0, maxReplyLength + 1)),
    outcome: made.outcome,
    error: made.error === null ? null : plainText(made.error),
    tokens_in: made.tokensIn,
    tokens_out: made.tokensOut,
    cost_usd: callCost({ model, tokensIn: made.tokensIn, tokensOut: made.tokensOut }, unknownModelPrice).costUsd,
    latency_ms: Math.round(made.latencyMs),
  }
}
