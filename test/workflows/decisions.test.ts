import type { TestWorkflowEnvironment } from '@temporalio/testing'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import type { Decision } from '@trader/core/contract/decision'
import type { RunIdentity } from '@trader/core/contract/run'
import { offlineReply } from '@trader/core/agent/offline-trader'
import type { Pool } from '@trader/server/database/pool'
import { listBlocks } from '@trader/server/database/queries/list-blocks'
import { listFills } from '@trader/server/database/queries/list-fills'
import { listModelCalls } from '@trader/server/database/queries/list-model-calls'
import { listOrders } from '@trader/server/database/queries/list-orders'
import { openRun } from '@trader/server/database/queries/open-run'
import { findPromptText } from '@trader/server/database/queries/save-prompt-text'
import { pendingFeedback } from '@trader/server/database/queries/feedback'
import { setFlag } from '@trader/server/trading/set-flag'
import { createOfflineModel } from '@trader/server/llm/offline/offline-model'
import * as messages from '@trader/workflows/messages'
import { brokerAgentId, executionAgentId, executionLedgerId, judgeAgentId } from '@trader/workflows/names'
import { driftingCloses } from '../support/decision-snapshot.ts'
import { createDatabase } from '../support/postgres.ts'
import { startTemporal } from '../support/temporal.ts'
import { buy, quietTemporal, replyOf, type ScriptedModel, scriptedModel, sell, Trading, type TradingOptions } from '../support/trading.ts'

const calm = driftingCloses({ wobble: 0.001, drift: 0 })
const trend = driftingCloses({ wobble: 0.002, drift: 0.03 })

let temporal: TestWorkflowEnvironment
let pool: Pool
let model: ScriptedModel
let trading: Trading

beforeAll(async () => {
  quietTemporal()
  temporal = await startTemporal()
})
afterAll(() => temporal.teardown())
afterEach(async () => {
  await trading.stop()
  await pool.end()
})

/** A calm market of BTC at 10,000 that has no evaluation yet, so that every gate is open. */
async function open(options: Partial<TradingOptions> = {}, closes: Readonly<Record<string, readonly number[]>> = { 'BTC-USD': calm }) {
  pool = (await createDatabase(inject('postgresUrl'))).pool
  model = scriptedModel()
  trading = await Trading.start({ temporal, pool, models: model, model: 'scripted', products: Object.keys(closes), ...options })
  await trading.history(closes)
}

/** An open position in BTC. */
async function openPosition(): Promise<void> {
  model.script(replyOf(buy({ fraction: 0.1 })))
  expect(await trading.decide()).toMatchObject({ action: 'TRADE' })
  await trading.tick({ 'BTC-USD': 10_000 })
  expect(await listFills(pool)).toHaveLength(1)
  await trading.tick({ 'BTC-USD': 10_100 }, 60_000)
}

const blocksOf = (decision: Decision) => listBlocks(pool, { correlationId: decision.id })

describe('a decision', () => {
  it('of the offline model buys into a trend, and its order, fill, call and prompt carry its id', async () => {
    await open({ models: createOfflineModel([offlineReply]), model: 'offline' }, { 'BTC-USD': trend })
    const decision = await trading.decide()
    expect(decision).toMatchObject({
      action: 'TRADE',
      hold_reason: null,
      model: 'offline',
      prompt_version: 1,
      preferences_version: 0,
      blocks: [],
    })
    await trading.tick({ 'BTC-USD': 10_310 })
    const correlationId = decision.id
    const fills = await listFills(pool, { correlationId })
    expect(fills).toMatchObject([{ side: 'BUY', product: 'BTC-USD', order_id: decision.orders[0] }])
    const orders = await listOrders(pool, { correlationId })
    expect(orders.map(({ type, state }) => `${type} ${state}`).sort()).toEqual(['market FILLED', 'stop ARMED', 'take_profit ARMED'])
    expect(await listModelCalls(pool, { correlationId })).toMatchObject([
      { call_id: decision.model_calls[0], outcome: 'ok', prompt_hash: decision.prompt_hash, prompt_version: 1 },
    ])
    expect(JSON.parse((await findPromptText(pool, decision.prompt_hash ?? '')) ?? '')).toHaveProperty('messages')
    const log = await trading.client.workflow.getHandle(executionAgentId).query(messages.recentDecisionsQuery)
    expect(log).toMatchObject([{ id: decision.id, action: 'TRADE' }])
  })

  it('asks no model while the gate is closed', async () => {
    await open()
    model.script(replyOf())
    expect(await trading.decide()).toMatchObject({ action: 'HOLD', hold_reason: 'MODEL_CHOSE_HOLD' })
    await trading.tick({ 'BTC-USD': 10_001 })
    const held = await trading.decide()
    expect(held).toMatchObject({ action: 'HOLD', hold_reason: 'GATE_CLOSED', model: null, model_calls: [], prompt_hash: null })
    expect(held.gate.verdicts).toMatchObject([{ product: 'BTC-USD', is_open: false, reason: 'PRICE_UNCHANGED' }])
    expect(model.asked).toHaveLength(1)
  })

  it('is one decision when it is nudged twice', async () => {
    await open()
    model.script(replyOf(buy()))
    const [first, second] = await Promise.all([trading.decide(), trading.decide()])
    expect(second).toEqual(first)
    expect(await trading.decide()).toEqual(first)
    expect(model.asked).toHaveLength(1)
    expect(await listOrders(pool)).toHaveLength(1)
  })

  /**
   * 36: start 1; then a workflow task (3) before each step and one after the last: gather 3, model call 3, reserve 3, child order 2
   * (initiated, started), record 3 with the agent's signal 2 beside it, end 1. That is 18, and 18 for six workflow tasks: the
   * signal's answer shares the task of the record's where it is quick. A further order takes 2.
   */
  it('needs at most 40 events of history with one order', async () => {
    await open()
    model.script(replyOf(buy()))
    const decision = await trading.decide()
    const { events } = await trading.client.workflow.getHandle(decision.id).fetchHistory()
    expect(decision.orders).toHaveLength(1)
    expect(events?.length).toBeLessThanOrEqual(40)
  })

  it('is recorded although the agent that would remember it does not run', async () => {
    await open()
    await trading.client.workflow.getHandle(executionAgentId).terminate()
    model.script(replyOf(buy()))
    const decision = await trading.decide()
    expect(decision).toMatchObject({ action: 'TRADE' })
    expect(await trading.client.workflow.getHandle(decision.id).describe()).toMatchObject({ status: { name: 'COMPLETED' } })
  })

  it('sees only ticks before its time', async () => {
    await open()
    await trading.deliver([{ ...(await latest()), market_time: trading.now + 500, price: '12000', bid: '11999', ask: '12001' }])
    model.script(replyOf())
    const { snapshot } = await trading.decide()
    expect(snapshot.products[0]?.tick?.price).toMatch(/^10010(\.00)?$/)
    expect(snapshot.products[0]?.features?.price).toMatch(/^10010(\.00)?$/)
  })
})

async function latest() {
  const { snapshot } = await (async () => {
    model.script(replyOf())
    return trading.decide()
  })()
  const tick = snapshot.products[0]?.tick
  if (tick == null) throw new Error('no tick')
  trading.now += 1
  return tick
}

describe('refusals', () => {
  it('of the policy are blocks of the decision', async () => {
    await open()
    model.script(replyOf(buy({ expected_edge_bps: 20 })))
    const decision = await trading.decide()
    expect(decision).toMatchObject({ action: 'HOLD', hold_reason: 'POLICY_REFUSED', orders: [] })
    expect(await blocksOf(decision)).toMatchObject([
      {
        reason: 'POLICY_BOUND',
        correlation_id: decision.id,
        run_id: trading.run.run_id,
        book: 'paper',
        request: { product: 'BTC-USD', side: 'BUY' },
      },
    ])
  })

  it('of risk are blocks of the decision', async () => {
    await open()
    model.script(replyOf(buy({ order_type: 'limit', limit_price: '20000' })))
    const decision = await trading.decide()
    expect(decision).toMatchObject({ action: 'HOLD', hold_reason: 'RISK_REFUSED', orders: [] })
    expect(await blocksOf(decision)).toMatchObject([{ reason: 'PRICE_SANITY', correlation_id: decision.id }])
  })

  it('of an entry do not keep an exit of the same answer from being placed', async () => {
    await open({}, { 'BTC-USD': calm, 'ETH-USD': calm.map((price) => price / 20) })
    await openPosition()
    model.script(replyOf(sell(), buy({ product: 'ETH-USD', order_type: 'limit', limit_price: '900' })))
    await trading.tick({ 'BTC-USD': 10_100, 'ETH-USD': 510 }, 300_000)
    const decision = await trading.decide()
    expect(decision).toMatchObject({ action: 'TRADE', hold_reason: null })
    expect(await listOrders(pool, { correlationId: decision.id })).toMatchObject([{ side: 'SELL', product: 'BTC-USD' }])
    expect(await blocksOf(decision)).toMatchObject([{ reason: 'PRICE_SANITY', request: { product: 'ETH-USD' } }])
  })

  it('of the ledger, such as of a run that was closed meanwhile, end a decision with its record', async () => {
    await open()
    model.script(async () => {
      await trading.ask(executionLedgerId('paper'), messages.openRunUpdate, await anotherRun())
      return { text: replyOf(buy()) }
    })
    const decision = await trading.decide()
    expect(decision).toMatchObject({ action: 'HOLD', hold_reason: 'LEDGER_REFUSED', orders: [] })
    expect(await blocksOf(decision)).toMatchObject([{ reason: 'BATCH_REFUSED', detail: expect.stringContaining('closed') }])
    expect(await listOrders(pool)).toEqual([])
  })
})

async function anotherRun(): Promise<string> {
  const identity: RunIdentity = { market: 'replay', file_hashes: [], products: ['BTC-USD'], book: 'paper', seed: 2 }
  const { run } = await openRun(pool, { run_id: 'another', identity, starting_cash: '10000', market_time: trading.now })
  return run.run_id
}

describe('what the user says', () => {
  it('as a preference takes effect at the next decision, whose record has the version', async () => {
    await open()
    model.script(replyOf(buy({ fraction: 0.2 })))
    await trading.ask(brokerAgentId, messages.setUserPreferencesUpdate, { position_size_comfort: 0.05 })
    const decision = await trading.decide()
    expect(decision).toMatchObject({ action: 'TRADE', preferences_version: 1, snapshot: { preferences: { position_size_comfort: 0.05 } } })
    const [order] = await listOrders(pool)
    expect(Number(order?.quantity) * 10_010).toBeLessThanOrEqual(500)
    expect(userMessageOf(model)).toContain('"max_position":0.05')
  })

  it('as feedback is delivered exactly once, and the decision that used it names it', async () => {
    await open()
    model.script(replyOf())
    await trading.decide()
    await trading.ask(executionAgentId, messages.addUserFeedbackUpdate, { feedback_id: 'f-1', message: 'be careful with BTC' })
    model.script({ outcome: 'provider_error', error: 'down' })
    await trading.tick({ 'BTC-USD': 10_000 })
    expect(await trading.decide()).toMatchObject({ hold_reason: 'MODEL_ERROR', feedback_used: [] })
    expect(await pendingFeedback(pool, 'execution')).toHaveLength(1)

    model.script(replyOf())
    await trading.tick({ 'BTC-USD': 10_000 })
    const used = await trading.decide()
    expect(used).toMatchObject({ hold_reason: 'MODEL_CHOSE_HOLD', feedback_used: ['f-1'] })
    expect(userMessageOf(model)).toContain('be careful with BTC')
    expect(await pendingFeedback(pool, 'execution')).toEqual([])
    const { rows } = await pool.query('select processed_by from feedback')
    expect(rows).toEqual([{ processed_by: used.id }])
    const agent = trading.client.workflow.getHandle(executionAgentId)
    await expect.poll(() => agent.query(messages.pendingFeedbackQuery)).toEqual([])

    await trading.tick({ 'BTC-USD': 10_200 })
    expect(await trading.decide()).toMatchObject({ hold_reason: 'MODEL_CHOSE_HOLD', feedback_used: [] })
    expect(userMessageOf(model)).not.toContain('be careful with BTC')
  })

  it('about the prompt is used by the very next decision, whose record has the version and hash', async () => {
    await open()
    model.script(replyOf())
    const before = await trading.decide()
    const changed = await trading.ask(judgeAgentId, messages.updateSystemPromptUpdate, {
      mode: 'conservative',
      reason: 'calm down',
      author: 'user',
    })
    expect(changed).toMatchObject({ ok: true, version: { version: 2 } })
    await trading.tick({ 'BTC-USD': 10_001 })
    const after = await trading.decide()
    expect(after).toMatchObject({
      prompt_version: 2,
      gate: { verdicts: [{ reason: 'PROMPT_CHANGED' }] },
      snapshot: { prompt: { mode: 'conservative' } },
    })
    expect(after.prompt_hash).not.toBe(before.prompt_hash)
    const stored = await findPromptText(pool, after.prompt_hash ?? '')
    expect(stored).toContain(
      after.snapshot.prompt.text
        .trim()
        .slice(0, 40)
        .replaceAll('\n', String.raw`\n`),
    )
    expect(await listModelCalls(pool, { correlationId: after.id })).toMatchObject([{ prompt_version: 2, prompt_hash: after.prompt_hash }])
  })
})

describe('a flag', () => {
  const flag = (state: 'paused' | 'halted') =>
    setFlag({ temporal: trading.client, database: pool }, { book: 'paper', state, reason: 'test', by: 'test', marketTime: trading.now })

  it('of pause asks no model without a position, lets no entry through and every exit', async () => {
    await open({}, { 'BTC-USD': calm, 'ETH-USD': calm.map((price) => price / 20) })
    await openPosition()
    await flag('paused')
    model.script(replyOf(sell(), buy({ fraction: 0.01 })))
    await trading.tick({ 'BTC-USD': 10_300, 'ETH-USD': 500 }, 300_000)
    model.script(replyOf(sell()))
    const exit = await trading.decide()
    expect(exit.gate.verdicts).toMatchObject([
      { product: 'BTC-USD', is_open: true },
      { product: 'ETH-USD', reason: 'PAUSED_WITHOUT_POSITION' },
    ])
    expect(exit).toMatchObject({ action: 'TRADE', blocks: [] })
    await trading.tick({ 'BTC-USD': 10_300, 'ETH-USD': 500 })
    await trading.tick({ 'BTC-USD': 11_000, 'ETH-USD': 500 }, 300_000)
    expect(await trading.decide()).toMatchObject({ action: 'HOLD', hold_reason: 'TRADING_PAUSED', model_calls: [] })
    expect(model.asked).toHaveLength(1)
  })

  it('of pause refuses an entry into what is held', async () => {
    await open()
    await openPosition()
    await flag('paused')
    model.script(replyOf(buy({ fraction: 0.05 })))
    await trading.tick({ 'BTC-USD': 10_100 }, 3_600_000)
    const decision = await trading.decide()
    expect(decision).toMatchObject({ action: 'HOLD', hold_reason: 'RISK_REFUSED' })
    expect(await blocksOf(decision)).toMatchObject([{ reason: 'TRADING_PAUSED' }])
  })

  it('of halt asks no model', async () => {
    await open()
    await flag('halted')
    model.script(replyOf(buy()))
    expect(await trading.decide()).toMatchObject({ action: 'HOLD', hold_reason: 'TRADING_HALTED', model_calls: [] })
    expect(model.asked).toEqual([])
  })
})

function userMessageOf({ asked }: ScriptedModel): string {
  return asked.at(-1)?.messages[0]?.content ?? ''
}
