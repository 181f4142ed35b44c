import { getExternalWorkflowHandle, isCancellation, proxyActivities, workflowInfo } from '@temporalio/workflow'
import type { Decision } from '@trader/core/contract/decision'
import type { OrderRequest } from '@trader/core/contract/order'
import type { Book } from '@trader/core/contract/primitives'
import type { Policy } from '@trader/core/contract/prompt-version'
import { deliveredFeedback } from '@trader/core/agent/prompt-input'
import { cycleReserveMs } from '@trader/core/agent/cycle'
import { decisionLogOf } from '@trader/core/agent/decision-log-of'
import { evaluateGate, type GateVerdict, recordCall } from '@trader/core/agent/gate'
import { type HoldReason, holdReasonOfCall, holdReasonOfGate } from '@trader/core/agent/hold-reason'
import { boundProposal } from '@trader/core/agent/policy-bounds'
import { promptHash, renderPrompt } from '@trader/core/agent/prompt-render'
import { effectivePolicy } from '@trader/core/judge/policy'
import { intentTtlMs } from '@trader/core/order/expiry'
import type { OrderOrigin } from '@trader/core/order/new-orders'
import { type BlockRecord, blockOf } from '@trader/core/risk/block-of'
import type { DeniedReason } from '@trader/core/risk/denied-reason'
import type { DecisionActivities, DecisionRecord, Gathered } from './activities.ts'
import { askModel } from './ask-model.ts'
import { logDecisionSignal } from './messages.ts'
import { executionAgentId } from './names.ts'
import { placeOrders, refusedOf } from './place-orders.ts'
import { recordDecision } from './record.ts'
import { workflowNow } from './workflow-time.ts'

const retry = { initialInterval: '100ms', maximumInterval: '5s', nonRetryableErrorTypes: ['LedgerRefused'] }
/** Nothing has happened yet: what cannot be read within a minute is not worth deciding on. */
const { gather } = proxyActivities<DecisionActivities>({ startToCloseTimeout: '15s', scheduleToCloseTimeout: '1m', retry })

export interface TradingDecisionInput {
  readonly run_id: string
  readonly book: Book
  /** Market time (ms) of a feed that goes in steps; null: now, as the Schedule starts it. */
  readonly market_time: number | null
  /** Such as `offline` or `openai:gpt-4o`. */
  readonly model: string
}

/** One decision: gather, gate, model, validation, risk, orders, log. All but reading, asking and posting is computed here. */
export async function TradingDecisionWorkflow(input: TradingDecisionInput): Promise<DecisionRecord> {
  const id = workflowInfo().workflowId
  const marketTime = input.market_time ?? workflowNow()
  const gathered = await gather({ ...input, market_time: marketTime })
  const record = await decide({ id, marketTime, input, gathered })
  await Promise.all([recordDecision(record), tellAgent(record)])
  return record
}

/** The record is Postgres'; an agent that does not run only misses this line of its short memory. */
async function tellAgent(record: DecisionRecord): Promise<void> {
  try {
    await getExternalWorkflowHandle(executionAgentId).signal(logDecisionSignal, decisionLogOf(record))
  } catch (error) {
    if (isCancellation(error)) throw error
  }
}

interface Moment {
  readonly id: string
  readonly marketTime: number
  readonly input: TradingDecisionInput
  readonly gathered: Gathered
}

async function decide(moment: Moment): Promise<DecisionRecord> {
  const { id, marketTime, input, gathered } = moment
  const { snapshot, gate } = gathered
  const verdicts = evaluateGate({ snapshot, state: gate })
  const closed = holdReasonOfGate(verdicts)
  if (closed !== null) return recordOf(moment, { verdicts, gate, hold: closed })

  const products = verdicts.filter((verdict) => verdict.is_open).map((verdict) => verdict.product)
  const policy = effectivePolicy(snapshot.prompt.policy, snapshot.preferences)
  const prompt = renderPrompt({ snapshot, verdicts, policy })
  const context = {
    agent: 'execution' as const,
    model: input.model,
    correlation_id: id,
    run_id: input.run_id,
    market_time: marketTime,
    prompt_version: snapshot.prompt.version,
  }
  const answer = await askModel({ prompt, products, context, deadlineMs: gathered.model_deadline_ms })
  const asked = {
    verdicts,
    gate: recordCall({ snapshot, state: gate, products, answered: answer.decision !== null }),
    prompt_hash: promptHash(prompt),
    model_calls: answer.calls,
    proposal: answer.decision,
    feedback_used: answer.decision === null ? [] : deliveredFeedback(snapshot).map((message) => message.feedback_id),
  }
  if (answer.decision === null) return recordOf(moment, { ...asked, hold: holdReasonOfCall(answer.outcome), detail: answer.detail })
  const late = lateness(moment)
  if (late !== null) return recordOf(moment, { ...asked, hold: 'MODEL_AFTER_DEADLINE', detail: late })

  const bounded = boundProposal({ decision: answer.decision, snapshot, policy })
  const from = { origin: id, correlationId: id, runId: input.run_id, book: input.book, marketTime }
  const refused = bounded.refusals.map((refusal, index) => blockOf({ ...refusal, from, index }))
  if (bounded.orders.length === 0) {
    return recordOf(moment, { ...asked, blocks: refused, hold: refused.length > 0 ? 'POLICY_REFUSED' : 'MODEL_CHOSE_HOLD' })
  }
  const placed = await placeBySide(moment, { requests: bounded.orders, policy, from, firstIndex: refused.length })
  const blocks = [...refused, ...placed.blocks]
  const refusal = placed.blocks.some(({ reason }) => byLedger.has(reason)) ? 'LEDGER_REFUSED' : 'RISK_REFUSED'
  const hold = placed.orders.length > 0 ? null : refusal
  return recordOf(moment, { ...asked, blocks, orders: placed.orders, hold })
}

/**
 * Why it is too late to act on what was gathered; null while it is not. A stack that was down in the middle of a decision must
 * not trade on old prices. In a feed that goes in steps the market has waited too.
 */
function lateness({ input, marketTime, gathered }: Moment): string | null {
  if (input.market_time !== null) return null
  const age = workflowNow() - marketTime
  const allowed = gathered.model_deadline_ms + cycleReserveMs
  return age <= allowed ? null : `the decision was ${age} ms old, its cycle allows ${allowed} ms`
}

/** Reasons that the ledger gives, and no rule of risk. */
const byLedger: ReadonlySet<DeniedReason> = new Set(['BATCH_REFUSED', 'INTENT_EXPIRED'])

/** Exits are a batch of their own: a refused entry must never keep a position from being closed. */
async function placeBySide(
  { gathered, marketTime, input }: Moment,
  options: { requests: readonly OrderRequest[]; policy: Policy; from: OrderOrigin; firstIndex: number },
): Promise<{ orders: readonly string[]; blocks: readonly BlockRecord[] }> {
  const { risk, limits, feed, snapshot } = gathered
  const { policy, from, firstIndex } = options
  const orders: string[] = []
  const blocks: BlockRecord[] = []
  const now = workflowNow()
  // A market in steps has waited for the model; a stream has not.
  const timing = { placedAt: input.market_time === null ? now : marketTime, deadlineAt: now + intentTtlMs }
  let firstLeg = 0
  for (const side of ['SELL', 'BUY'] as const) {
    const requests = options.requests.filter((request) => request.side === side)
    if (requests.length === 0) continue
    const check = { requests, snapshot: risk, limits, policy, preferences: snapshot.preferences, feed, marketTime }
    const placed = await placeOrders(check, { ...from, firstLeg }, timing)
    firstLeg += requests.length
    if (placed.ok) orders.push(...placed.orders.map((order) => order.order_id))
    else
      blocks.push(
        ...refusedOf(requests, placed.index).map((request, index) =>
          blockOf({ ...placed, request, from, index: firstIndex + blocks.length + index }),
        ),
      )
  }
  return { orders, blocks }
}

interface Outcome {
  readonly verdicts: readonly GateVerdict[]
  readonly gate: Gathered['gate']
  readonly hold: HoldReason | null
  readonly detail?: string | null
  readonly prompt_hash?: string
  readonly model_calls?: readonly string[]
  readonly proposal?: Decision['proposal']
  readonly blocks?: readonly BlockRecord[]
  readonly orders?: readonly string[]
  readonly feedback_used?: readonly string[]
}

function recordOf({ id, marketTime, input, gathered }: Moment, outcome: Outcome): DecisionRecord {
  const { snapshot } = gathered
  return {
    id,
    run_id: input.run_id,
    book: input.book,
    market_time: marketTime,
    action: outcome.hold === null ? 'TRADE' : 'HOLD',
    hold_reason: outcome.hold,
    hold_detail: outcome.detail ?? null,
    products: snapshot.products.map((view) => view.product),
    prompt_version: snapshot.prompt.version,
    prompt_hash: outcome.prompt_hash ?? null,
    model: outcome.prompt_hash === undefined ? null : input.model,
    gate: { verdicts: [...outcome.verdicts], state: outcome.gate },
    snapshot,
    proposal: outcome.proposal ?? null,
    model_calls: [...(outcome.model_calls ?? [])],
    orders: [...(outcome.orders ?? [])],
    blocks: [...(outcome.blocks ?? [])],
    feedback_used: [...(outcome.feedback_used ?? [])],
    preferences_version: snapshot.preferences.version,
  }
}
