import type { TestWorkflowEnvironment } from '@temporalio/testing'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { Pool } from '@trader/server/database/pool'
import { listModelCalls, spentOnModels } from '@trader/server/database/queries/list-model-calls'
import { listOrders } from '@trader/server/database/queries/list-orders'
import { createModelRouter } from '@trader/server/llm/model-router'
import { createOpenAiModel } from '@trader/server/llm/openai/openai-model'
import { driftingCloses } from '../support/decision-snapshot.ts'
import { type OpenAiMode, type OpenAiServer, startOpenAiServer } from '../support/openai-server.ts'
import { createDatabase } from '../support/postgres.ts'
import { startTemporal } from '../support/temporal.ts'
import { buy, quietTemporal, replyOf, scriptedModel, Trading } from '../support/trading.ts'

const deadlineMs = 1500
/** A cycle is the model's deadline and this: for reading, posting and a busy machine. */
const reserveMs = 5000
const calm = driftingCloses({ wobble: 0.001, drift: 0 })

let temporal: TestWorkflowEnvironment
let server: OpenAiServer
let pool: Pool
let trading: Trading

// One world for all faults: a model that gives no usable answer leaves every gate open, and the books as they are.
beforeAll(async () => {
  quietTemporal()
  temporal = await startTemporal()
  pool = (await createDatabase(inject('postgresUrl'))).pool
  server = await startOpenAiServer({ mode: { type: 'reply', text: '{}' } })
  const models = createModelRouter({ openai: createOpenAiModel({ apiKey: undefined, baseUrl: server.baseUrl }) })
  trading = await Trading.start({ temporal, pool, models, model: 'openai:test', modelDeadlineMs: deadlineMs })
  await trading.history({ 'BTC-USD': calm })
})
afterAll(async () => {
  await trading.stop()
  await server.close()
  await pool.end()
  await temporal.teardown()
})

async function decideWith(mode: OpenAiMode) {
  await trading.tick({ 'BTC-USD': 10_000 })
  server.setMode(mode)
  const before = server.requests.length
  const began = performance.now()
  const decision = await trading.decide()
  expect(performance.now() - began).toBeLessThan(deadlineMs + reserveMs)
  return { decision, requests: server.requests.length - before }
}
const reply = (text: string): OpenAiMode => ({ type: 'reply', text })
const good = replyOf(buy())
const withProposal = (changes: Readonly<Record<string, unknown>>): string => replyOf(buy(changes))

describe('a reply that cannot be used is repaired once, and then held with its reason:', () => {
  const fault = (reason: string, mode: OpenAiMode, detail: string | RegExp) => ({ reason, mode, detail })
  it.each(
    Object.entries({
      prose: fault('MODEL_INVALID_OUTPUT', reply('Buy Bitcoin now, trust me.'), 'one JSON object'),
      'a decision inside prose': fault('MODEL_INVALID_OUTPUT', reply(`Here you are: ${good}`), 'one JSON object'),
      'cut JSON': fault('MODEL_INVALID_OUTPUT', reply(good.slice(0, -10)), 'one valid JSON object'),
      'an answer cut by its length': fault('MODEL_TOO_LONG', { type: 'cut', text: good.slice(0, 50) }, 'cut at'),
      'over-long JSON': fault('MODEL_TOO_LONG', reply(good.replace('up', 'x'.repeat(70_000))), 'at most 65536'),
      'a reply without end': fault('MODEL_TOO_LONG', { type: 'endless' }, 'bytes'),
      'a thousand tool calls': fault('MODEL_INVALID_OUTPUT', { type: 'tool-calls', count: 1000 }, '1000 tool calls'),
      'an unknown product': fault('MODEL_INVALID_OUTPUT', reply(withProposal({ product: 'DOGE-USD' })), 'DOGE-USD was not asked for'),
      'a product twice': fault('MODEL_INVALID_OUTPUT', reply(replyOf(buy(), buy())), 'decided twice'),
      NaN: fault('MODEL_INVALID_OUTPUT', reply(good.replace('0.1', 'NaN')), 'one valid JSON object'),
      '1e309': fault('MODEL_INVALID_OUTPUT', reply(good.replace('0.1', '1e309')), 'fraction'),
      'a notional of NaN': fault('MODEL_INVALID_OUTPUT', reply(withProposal({ fraction: undefined, notional: 'NaN' })), 'notional'),
      'a negative notional': fault('MODEL_INVALID_OUTPUT', reply(withProposal({ fraction: undefined, notional: '-5' })), 'notional'),
      'a wrong action': fault('MODEL_INVALID_OUTPUT', reply(withProposal({ action: 'SHORT' })), 'action'),
      'a field that nobody asked for': fault('MODEL_INVALID_OUTPUT', reply(withProposal({ leverage: 10 })), 'leverage'),
      'fields that conflict': fault('MODEL_INVALID_OUTPUT', reply(withProposal({ notional: '100' })), 'notional or fraction, not both'),
      'an empty reply': fault('MODEL_INVALID_OUTPUT', reply(''), 'no text'),
      'a reply that Postgres cannot hold': fault('MODEL_INVALID_OUTPUT', reply('{"a": "\0"}'), 'one valid JSON object'),
    }),
  )('%s', async (_name, { mode, reason, detail }) => {
    const { decision, requests } = await decideWith(mode)
    expect(decision).toMatchObject({ action: 'HOLD', hold_reason: reason, orders: [], proposal: null })
    expect(decision.hold_detail).toMatch(detail)
    expect(requests).toBe(2)
    const calls = await listModelCalls(pool, { correlationId: decision.id })
    expect(calls.map(({ call_id }) => call_id).sort()).toEqual([...decision.model_calls].sort())
    expect(calls).toHaveLength(2)
    expect(await listOrders(pool)).toEqual([])
  })
})

describe('a model that does not answer is held with its reason, within the cycle:', () => {
  it.each(
    Object.entries({
      '429': { mode: { type: 'status', status: 429, retryAfter: '60' }, reason: 'MODEL_RATE_LIMITED' },
      '500': { mode: { type: 'status', status: 500 }, reason: 'MODEL_ERROR' },
      '401': { mode: { type: 'status', status: 401 }, reason: 'MODEL_ERROR' },
      'a connection that breaks': { mode: { type: 'drop' }, reason: 'MODEL_ERROR' },
      'a body that is no completion': { mode: { type: 'body', body: '<html>' }, reason: 'MODEL_ERROR' },
      'a hang': { mode: { type: 'hang' }, reason: 'MODEL_TIMEOUT' },
      'a trickle': { mode: { type: 'trickle' }, reason: 'MODEL_TIMEOUT' },
      'an answer after the deadline': { mode: { type: 'reply', text: good, delayMs: deadlineMs + 200 }, reason: 'MODEL_TIMEOUT' },
    } satisfies Record<string, { mode: OpenAiMode; reason: string }>),
  )('%s', async (_name, { mode, reason }) => {
    const { decision } = await decideWith(mode)
    expect(decision).toMatchObject({ action: 'HOLD', hold_reason: reason, orders: [], proposal: null })
    expect(decision.hold_detail).not.toBeNull()
    expect(decision.model_calls).toHaveLength(1)
    expect(await listModelCalls(pool, { correlationId: decision.id })).toHaveLength(1)
    expect(await listOrders(pool)).toEqual([])
  })
})

it('a good answer after one bad one trades, and says that it was repaired', async () => {
  const world = await scriptedWorld()
  world.model.script('let me think', replyOf(buy()))
  const decision = await world.trading.decide()
  expect(decision).toMatchObject({ action: 'TRADE' })
  expect(decision.model_calls).toHaveLength(2)
  const repair = world.model.asked[1]?.messages.map(({ role, content }) => [role, content])
  expect(repair?.slice(1)).toEqual([
    ['assistant', 'let me think'],
    ['user', expect.stringContaining('NOT_ONE_OBJECT')],
  ])
  await world.end()
})

it('an answer that comes after its deadline is not acted on, even by a client that does not watch the clock', async () => {
  const world = await scriptedWorld({ modelDeadlineMs: 500 })
  world.model.script({ text: replyOf(buy()), latencyMs: 501 })
  expect(await world.trading.decide()).toMatchObject({ action: 'HOLD', hold_reason: 'MODEL_AFTER_DEADLINE', orders: [] })
  await world.end()
})

it('a client that hangs for ever is left behind at the deadline', async () => {
  const world = await scriptedWorld({ modelDeadlineMs: 500 })
  world.model.script(() => new Promise(() => {}))
  expect(await world.trading.decide()).toMatchObject({ action: 'HOLD', hold_reason: 'MODEL_TIMEOUT', orders: [] })
  await world.end()
})

it('a worker that ends during the call is followed by another, which has what is left of the time', async () => {
  const world = await scriptedWorld({ modelDeadlineMs: 20_000 })
  let told: number | undefined
  const asked = Promise.withResolvers<void>()
  world.model.script(
    () => {
      asked.resolve()
      return new Promise(() => {})
    },
    async ({ deadlineMs: left }) => {
      told = left
      return { text: replyOf(buy()) }
    },
  )
  const deciding = world.trading.decide()
  await asked.promise
  await world.trading.stopWorker()
  await world.trading.startWorker()
  expect(await deciding).toMatchObject({ action: 'TRADE' })
  expect(told).toBeLessThan(19_000)
  await world.end()
})

it('a worker that stays away during the call ends the decision with HOLD', async () => {
  const world = await scriptedWorld({ modelDeadlineMs: 500 })
  const asked = Promise.withResolvers<void>()
  world.model.script(() => {
    asked.resolve()
    return new Promise(() => {})
  }, replyOf(buy()))
  const deciding = world.trading.decide()
  await asked.promise
  await world.trading.stopWorker()
  await new Promise((resolve) => setTimeout(resolve, 2500))
  await world.trading.startWorker()
  expect(await deciding).toMatchObject({ action: 'HOLD', hold_reason: 'MODEL_TIMEOUT', orders: [] })
  await world.end()
})

it('the daily budget holds across calls, repairs included', async () => {
  const world = await scriptedWorld({ model: 'openai:gpt-4o', dailyBudgetUsd: 0.1 })
  expect(await world.trading.snapshot()).toMatchObject({ model_budget_left_usd: '0.1' })
  world.model.script({ tokensIn: 4000, tokensOut: 2000, text: 'no JSON' }) // 0.03 USD, of at most about 0.05
  const first = await world.trading.decide()
  expect(first).toMatchObject({ hold_reason: 'MODEL_INVALID_OUTPUT' })
  expect(await world.trading.snapshot()).toMatchObject({ model_budget_left_usd: '0.04' })
  await world.trading.tick({ 'BTC-USD': 10_000 })
  const second = await world.trading.decide()
  expect(second).toMatchObject({ action: 'HOLD', hold_reason: 'MODEL_OVER_BUDGET', orders: [] })
  expect(second.hold_detail).toMatch(/cost 0\.06 USD, this one may cost 0\.0\d+ USD, the budget is 0\.1 USD/)
  expect(world.model.asked).toHaveLength(2)
  const spent = await listModelCalls(world.pool, {})
  expect(spent.map(({ outcome, cost_usd }) => [outcome, Number(cost_usd)])).toEqual([
    ['over_budget', 0],
    ['ok', 0.03],
    ['ok', 0.03],
  ])
  await world.end()
})

it('a call that is lost with its worker is counted with the most it may have cost, until the day is over', async () => {
  const world = await scriptedWorld({ model: 'openai:gpt-4o', dailyBudgetUsd: 0.1, modelDeadlineMs: 20_000 })
  const asked = Promise.withResolvers<void>()
  world.model.script(
    () => {
      asked.resolve()
      return new Promise(() => {})
    },
    { tokensIn: 4000, tokensOut: 2000, text: replyOf(buy()) }, // 0.03 USD
  )
  const deciding = world.trading.decide()
  await asked.promise
  await world.trading.stopWorker()
  const lost = Number(await spentOnModels(world.pool, { since: Date.now() - 60_000 }))
  expect(lost).toBeGreaterThan(0.04)
  expect(await listModelCalls(world.pool, {})).toEqual([])
  await world.trading.startWorker()
  expect(await deciding).toMatchObject({ action: 'TRADE' })
  expect(Number(await spentOnModels(world.pool, { since: Date.now() - 60_000 }))).toBeCloseTo(lost + 0.03, 8)
  expect(await spentOnModels(world.pool, { since: Date.now() + 60_000 })).toBe('0')

  await world.trading.tick({ 'BTC-USD': 11_000 })
  const next = await world.trading.decide()
  expect(next).toMatchObject({ action: 'HOLD', hold_reason: 'MODEL_OVER_BUDGET', orders: [] })
  expect(world.model.asked).toHaveLength(2)
  await world.end()
})

async function scriptedWorld(options: { modelDeadlineMs?: number; dailyBudgetUsd?: number; model?: string } = {}) {
  await trading.stop()
  const model = scriptedModel()
  const database = await createDatabase(inject('postgresUrl'))
  const world = await Trading.start({ temporal, pool: database.pool, models: model, model: 'scripted', ...options })
  await world.history({ 'BTC-USD': calm })
  const end = async (): Promise<void> => {
    await world.stop()
    await database.pool.end()
  }
  return { trading: world, model, pool: database.pool, end }
}
