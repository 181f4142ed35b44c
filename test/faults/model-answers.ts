import type { TestWorkflowEnvironment } from '@temporalio/testing'
import type { Pool } from '@trader/server/database/pool'
import { listModelCalls } from '@trader/server/database/queries/list-model-calls'
import { value } from '@trader/server/database/queries/value'
import { createModelRouter } from '@trader/server/llm/model-router'
import { createOpenAiModel } from '@trader/server/llm/openai/openai-model'
import { driftingCloses } from '../support/decision-snapshot.ts'
import { startOpenAiServer } from '../support/openai-server.ts'
import { buy, replyOf, Trading } from '../support/trading.ts'
import { badAnswer, type BadAnswer } from './bad-answers.ts'

const deadlineMs = 1500
/** For reading, posting and a busy machine, beside the time that the model has. */
const reserveMs = 15_000
/** The gate lets no more than 60 calls an hour through. */
const stepMs = 61_000

export interface AnswersOutcome {
  readonly decisions: number
  /** How often each kind was held, by its reason. */
  readonly held: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** What went otherwise than it must. */
  readonly wrong: readonly string[]
  readonly slowestMs: number
}

/**
 * Decisions `from` to `to` (exclusive) of a seed, each by a real workflow with a model that answers badly over HTTP: each must be a
 * recorded HOLD with the right reason within its cycle, with its model calls on record and no order. Then one good answer trades.
 */
export async function answerBadly(options: {
  temporal: TestWorkflowEnvironment
  pool: Pool
  seed: number
  from: number
  to: number
  onDecision?: (index: number) => void
}): Promise<AnswersOutcome> {
  const { temporal, pool, seed, from, to, onDecision } = options
  const server = await startOpenAiServer({ mode: { type: 'hang' } })
  const models = createModelRouter({ openai: createOpenAiModel({ apiKey: undefined, baseUrl: server.baseUrl }) })
  const world = {
    temporal,
    pool,
    models,
    model: 'openai:test',
    modelDeadlineMs: deadlineMs,
    dailyBudgetUsd: 1e9,
    runId: `answers-${seed}-${from}`,
  }
  const trading = await Trading.start(world)
  const held: Record<string, Record<string, number>> = {}
  const wrong: string[] = []
  let slowestMs = 0
  try {
    await trading.history({ 'BTC-USD': driftingCloses({ wobble: 0.001, drift: 0 }) })
    for (let index = from; index < to; index += 1) {
      const answer = badAnswer({ seed, index, lateMs: deadlineMs + 300 })
      await trading.tick({ 'BTC-USD': 10_000 }, stepMs)
      server.setMode(answer.mode)
      const began = performance.now()
      const decision = await trading.decide()
      const tookMs = performance.now() - began
      slowestMs = Math.max(slowestMs, tookMs)
      const reason = decision.hold_reason ?? 'none'
      held[answer.kind] = { ...held[answer.kind], [reason]: (held[answer.kind]?.[reason] ?? 0) + 1 }
      const calls = await listModelCalls(pool, { correlationId: decision.id })
      const isWithin = tookMs < deadlineMs + reserveMs
      const problem = problemOf(answer, { ...decision, calls: calls.length, isWithin })
      if (problem !== null) wrong.push(`${index} ${answer.kind}: ${problem}`)
      onDecision?.(index)
    }
    if ((await orderCount(pool, trading.run.run_id)) !== 0) wrong.push('an order was placed')
    await trading.tick({ 'BTC-USD': 10_000 }, stepMs)
    server.setMode({ type: 'reply', text: replyOf(buy()) })
    const last = await trading.decide()
    if (last.action !== 'TRADE') wrong.push(`a good answer afterwards was held: ${last.hold_reason} ${last.hold_detail ?? ''}`)
  } finally {
    await trading.stop()
    await server.close()
  }
  return { decisions: to - from, held, wrong, slowestMs: Math.round(slowestMs) }
}

interface Seen {
  readonly action: string
  readonly hold_reason: string | null
  readonly hold_detail: string | null
  readonly orders: readonly string[]
  readonly blocks: readonly unknown[]
  readonly proposal: unknown
  readonly model_calls: readonly string[]
  readonly calls: number
  readonly isWithin: boolean
}

/** A slow answer's reason may also be a busy machine's: then a repair or a first call ran out of time. */
function problemOf(answer: BadAnswer, seen: Seen): string | null {
  const allowed: readonly (string | null)[] = [answer.reason, 'MODEL_TIMEOUT', 'MODEL_AFTER_DEADLINE']
  if (seen.action !== 'HOLD' || seen.orders.length > 0 || seen.blocks.length > 0) return `${seen.action} with ${seen.orders.length} orders`
  if (!allowed.includes(seen.hold_reason)) return `held for ${seen.hold_reason} (${seen.hold_detail}), not ${answer.reason}`
  if (seen.hold_detail === null || seen.hold_detail === '') return 'held without a word'
  if (/[\p{Cc}\p{Cf}]/u.test(seen.hold_detail)) return 'its detail holds characters that steer a reader'
  if (seen.proposal !== null) return 'a proposal was recorded'
  if (seen.calls !== seen.model_calls.length || seen.calls === 0) return `${seen.calls} calls on record, ${seen.model_calls.length} named`
  return seen.isWithin ? null : 'it took longer than its cycle'
}

function orderCount(pool: Pool, runId: string): Promise<number> {
  return value(pool, 'select count(*)::int as value from orders where run_id = $1', [runId])
}
