import type { Client } from '@temporalio/client'
import type { TestWorkflowEnvironment } from '@temporalio/testing'
import { Worker } from '@temporalio/worker'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest'
import { textHash } from '@trader/core/agent/text-hash'
import type { DecisionLog } from '@trader/core/contract/agent-messages'
import { defaultPreferences } from '@trader/core/contract/preferences'
import { policyForMode } from '@trader/core/judge/policy'
import type { Pool } from '@trader/server/database/pool'
import { listAgentLog } from '@trader/server/database/queries/agent-log'
import { listPromptVersions } from '@trader/server/database/queries/list-prompt-versions'
import { listPromptActivations } from '@trader/server/database/queries/activate-prompt-version'
import { markFeedbackProcessed, pendingFeedback } from '@trader/server/database/queries/feedback'
import { getPreferences } from '@trader/server/database/queries/preferences'
import { getTradingFlag, setTradingFlag } from '@trader/server/database/queries/trading-flag'
import { createAgentLogActivities } from '@trader/server/worker/activities/agent-log'
import { createFeedbackActivities } from '@trader/server/worker/activities/feedback'
import { createPreferencesActivities } from '@trader/server/worker/activities/preferences'
import { createPromptVersionActivities } from '@trader/server/worker/activities/prompt-versions'
import { createTradingFlagActivities } from '@trader/server/worker/activities/trading-flag'
import { BrokerAgentWorkflow } from '@trader/workflows/broker-agent'
import { ExecutionAgentWorkflow } from '@trader/workflows/execution-agent'
import { ExecutionLedgerWorkflow } from '@trader/workflows/execution-ledger'
import { JudgeAgentWorkflow } from '@trader/workflows/judge-agent'
import * as messages from '@trader/workflows/messages'
import { brokerAgentId, executionAgentId, executionLedgerId, judgeAgentId } from '@trader/workflows/names'
import { createDatabase } from '../support/postgres.ts'
import { startTemporal } from '../support/temporal.ts'

const taskQueue = 'agents'
const book = 'paper'
/** Events after which every workflow here goes on as a new run: few, so that every test crosses that change now and then. */
const suggestNewRunAfter = 120

let temporal: TestWorkflowEnvironment
let client: Client
let pool: Pool
let worker: Worker
let running: Promise<void>
let isPostgresDown = false
const started: string[] = []

beforeAll(async () => {
  temporal = await startTemporal({ suggestNewRunAfter })
  client = temporal.client
  worker = await Worker.create({
    connection: temporal.nativeConnection,
    taskQueue,
    workflowsPath: new URL('../../workflows/src/index.ts', import.meta.url).pathname,
    activities: activities(),
  })
  running = worker.run()
})
afterAll(async () => {
  worker.shutdown()
  await running
  await temporal.teardown()
})
beforeEach(async () => {
  isPostgresDown = false
  pool = (await createDatabase(inject('postgresUrl'))).pool
})
afterEach(async () => {
  await Promise.all(started.splice(0).map((id) => client.workflow.getHandle(id).terminate('the test is over')))
  await pool.end()
})

/** The real activities on this test's database, and a ledger whose postings nobody asks for. */
function activities(): Record<string, (...input: never[]) => Promise<unknown>> {
  const real = () => ({
    ...createPreferencesActivities({ pool, client }),
    ...createFeedbackActivities({ pool }),
    ...createPromptVersionActivities({ pool }),
    ...createAgentLogActivities({ pool }),
    ...createTradingFlagActivities({ pool }),
  })
  const names = Object.keys(real()) as (keyof ReturnType<typeof real>)[] // exactly the keys of the object that it lists
  const throughThisPool = names.map((name) => [
    name,
    async (...input: never[]) => {
      if (isPostgresDown) throw new Error('Postgres is down')
      // Each function gets the input that its own workflow code passed, whatever its type.
      return (real()[name] as (...input: never[]) => Promise<unknown>)(...input)
    },
  ])
  const loadLedger = async () => ({ run_id: 'run-1', book, positions: {}, balances: {}, scrape_fraction: 0.2 })
  return { ...Object.fromEntries(throughThisPool), loadLedger }
}

async function start(workflowId: string): Promise<void> {
  const workflow = {
    [brokerAgentId]: BrokerAgentWorkflow,
    [executionAgentId]: ExecutionAgentWorkflow,
    [judgeAgentId]: JudgeAgentWorkflow,
  }[workflowId]
  if (workflow === undefined) throw new Error(`no workflow of id ${workflowId}`)
  await client.workflow.start(workflow, { workflowId, taskQueue, args: [{ book }] })
  started.push(workflowId)
}

const broker = () => client.workflow.getHandle(brokerAgentId)
const execution = () => client.workflow.getHandle(executionAgentId)
const judge = () => client.workflow.getHandle(judgeAgentId)

/** Tries again while the workflow goes on as a new run, as sendUpdate does. */
async function ask<Result>(
  handle: ReturnType<typeof broker>,
  update: { name: string },
  input: unknown,
  updateId?: string,
): Promise<Result> {
  for (;;) {
    try {
      return await handle.executeUpdate<Result, [unknown]>(update.name, { args: [input], ...(updateId === undefined ? {} : { updateId }) })
    } catch (error) {
      if (!String(causeOf(error)).includes('rolling over')) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}
const causeOf = (error: unknown): unknown => (error instanceof Error && error.cause !== undefined ? error.cause : error)
const setPreferences = (patch: object, updateId?: string) => ask(broker(), messages.setUserPreferencesUpdate, patch, updateId)
const eventually = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 15_000, interval: 50 })
const events = async (type: string): Promise<number> =>
  (await pool.query<{ count: number }>('select count(*)::int as count from event where type = $1', [type])).rows[0]?.count ?? 0
const runIdOf = async (handle: ReturnType<typeof broker>): Promise<string> => (await handle.describe()).runId

function decisionOf(number: number, change: Partial<DecisionLog> = {}): DecisionLog {
  return {
    id: `decision-run-1-${number}`,
    run_id: 'run-1',
    book,
    market_time: number,
    action: 'HOLD',
    hold_reason: 'GATE_CLOSED',
    products: ['BTC-USD'],
    prompt_version: 1,
    model: null,
    orders: [],
    feedback_used: [],
    blocks: 0,
    model_calls: 0,
    summary: '',
    ...change,
  }
}

/** What no agent can make sense of. */
const garbage: readonly unknown[] = [
  undefined,
  null,
  0,
  'halt',
  [],
  ['x'],
  { '': '' },
  { message: 7 },
  { flag: 'off' },
  { version: -1 },
  'x'.repeat(10_000),
  { reason: 'a\0b' },
  { flag: 'halted', reason: '\ud800', by: '\0' },
  { mode: 'aggressive', reason: '\0', author: 'user' },
  { '\0': '\ud800' },
  { summary: '\0' },
]

async function sendGarbage(
  handle: ReturnType<typeof broker>,
  names: { updates: { name: string }[]; signals: { name: string }[] },
): Promise<void> {
  for (const rubbish of garbage) {
    for (const { name } of names.signals) await handle.signal(name, rubbish)
    for (const { name } of names.updates) {
      const outcome = await ask(handle, { name }, rubbish).catch((error: unknown) => ({ ok: false, refused: String(causeOf(error)) }))
      expect(outcome).toMatchObject({ ok: false })
    }
  }
}

describe('the broker agent', () => {
  it('changes only the preferences that were named, and tells the ledger and both other agents', async () => {
    await Promise.all([start(brokerAgentId), start(executionAgentId), start(judgeAgentId)])
    const ledgerId = executionLedgerId(book)
    await client.workflow.start(ExecutionLedgerWorkflow, { workflowId: ledgerId, taskQueue, args: [{ run_id: 'run-1', book }] })
    started.push(ledgerId)

    expect(await setPreferences({ trading_style: 'aggressive', profit_scraping_percentage: '50%' })).toMatchObject({
      ok: true,
      changed: ['trading_style', 'profit_scraping_percentage'],
      ledger: 'applied',
      preferences: { ...defaultPreferences, trading_style: 'aggressive', profit_scraping_percentage: 50, version: 1 },
    })
    expect(await setPreferences({ risk_tolerance: 'moderate', position_size_comfort: 0.1 })).toMatchObject({
      ok: true,
      changed: ['position_size_comfort'],
      preferences: {
        trading_style: 'aggressive',
        profit_scraping_percentage: 50,
        risk_tolerance: 'medium',
        position_size_comfort: 0.1,
        version: 2,
      },
    })
    expect(await broker().query(messages.userPreferencesQuery)).toEqual(await getPreferences(pool))
    expect(await client.workflow.getHandle(ledgerId).query(messages.ledgerStateQuery)).toMatchObject({ scrape_fraction: 0.5 })
    await eventually(async () => expect(await execution().query(messages.executionStateQuery)).toMatchObject({ preferences_version: 2 }))
    // The judge starts a new mode from what the user is comfortable with now.
    const changed = await ask(judge(), messages.updateSystemPromptUpdate, { mode: 'aggressive', reason: 'try', author: 'user' })
    expect(changed).toMatchObject({ ok: true, version: { policy: { max_position: 0.12 } } })
    expect(await events('preferences_changed')).toBe(2)
  })

  it.each(['20%', 20, 0.2])('understands %s as a scrape percentage of 20', async (written) => {
    await start(brokerAgentId)
    await setPreferences({ profit_scraping_percentage: '30%' })
    expect(await setPreferences({ profit_scraping_percentage: written })).toMatchObject({
      ok: true,
      preferences: { profit_scraping_percentage: 20, version: 2 },
    })
  })

  it('refuses a wrong change as a whole, with a reason for each wrong field', async () => {
    await start(brokerAgentId)
    expect(await setPreferences({ trading_style: 'balanced', risk_tolerance: 'wild', max_daily_loss: 3, mood: 'good' })).toMatchObject({
      ok: false,
      reason: 'INVALID_PREFERENCES',
      problems: [{ field: 'risk_tolerance' }, { field: 'max_daily_loss' }, { field: 'mood' }],
    })
    expect(await getPreferences(pool)).toMatchObject({ version: 0 })
    expect(await setPreferences({})).toMatchObject({ ok: false, reason: 'NOTHING_TO_CHANGE' })
    expect(await setPreferences({ trading_style: 'balanced' })).toMatchObject({ ok: true, changed: [], preferences: { version: 0 } })
  })

  it('makes one version of a change that is sent or stored twice', async () => {
    await start(brokerAgentId)
    const [first, second] = await Promise.all([
      setPreferences({ min_hold_minutes: 5 }, 'once'),
      setPreferences({ min_hold_minutes: 5 }, 'once'),
    ])
    expect(second).toEqual(first)
    const stored = createPreferencesActivities({ pool, client })
    const again = await stored.storePreferences({ request_id: 'once', change: { min_hold_minutes: 5 }, book })
    expect(again).toMatchObject({ status: 'stored', preferences: { version: 1 } })
    expect(await events('preferences_changed')).toBe(1)
  })

  it('answers a used id that comes with another change, and goes on', async () => {
    const stored = createPreferencesActivities({ pool, client })
    await stored.storePreferences({ request_id: 'mine', change: { min_hold_minutes: 5 }, book })
    await start(brokerAgentId)
    expect(await setPreferences({ min_hold_minutes: 9 }, 'mine')).toMatchObject({ ok: false, reason: 'IDEMPOTENCY_CONFLICT' })
    expect(await setPreferences({ min_hold_minutes: 9 })).toMatchObject({ ok: true, preferences: { version: 2, min_hold_minutes: 9 } })
  })

  it('takes signals of the same name, survives garbage and remembers both', async () => {
    await start(brokerAgentId)
    await sendGarbage(broker(), {
      updates: [messages.setUserPreferencesUpdate],
      signals: [messages.setUserPreferencesSignal, messages.logInteractionSignal],
    })
    await broker().signal(messages.setUserPreferencesSignal, { cash_reserve_level: 0.3 })
    await broker().signal(messages.logInteractionSignal, { by: 'user', text: 'how are we doing?' })
    await eventually(async () => expect(await getPreferences(pool)).toMatchObject({ version: 1, cash_reserve_level: 0.3 }))
    expect(await setPreferences({ cash_reserve_level: 0.25 })).toMatchObject({ ok: true, preferences: { version: 2 } })
    await eventually(async () => {
      const log = await listAgentLog(pool, { agent: 'broker', since: 0, limit: 1000 })
      expect(log.filter(({ kind }) => kind === 'refused').length).toBeGreaterThan(garbage.length)
      expect(log.map(({ payload }) => payload)).toContainEqual({ by: 'user', text: 'how are we doing?' })
    })
    expect(await broker().query(messages.agentLogsQuery, { event_type: 'interaction', limit: 1 })).toHaveLength(1)
  })
})

describe('the execution agent', () => {
  it('counts and remembers each decision once, and none is lost when it goes on as a new run', async () => {
    await start(executionAgentId)
    const firstRun = await runIdOf(execution())
    for (let number = 1; number <= 150; number += 1) {
      const change =
        number % 10 === 0
          ? { action: 'TRADE' as const, hold_reason: null, orders: ['3f2b2c1e-8f58-4a53-9d5c-5b5ad1c7a111'], model_calls: 1 }
          : {}
      await execution().signal(messages.logDecisionSignal, decisionOf(number, change))
      if (number % 5 === 0) await execution().signal(messages.logDecisionSignal, decisionOf(number, change))
    }
    await eventually(async () =>
      expect(await execution().query(messages.executionStatsQuery)).toMatchObject({
        decisions: 150,
        trades: 15,
        holds: 135,
        orders: 15,
        model_calls: 15,
      }),
    )
    await eventually(async () => expect(await runIdOf(execution())).not.toBe(firstRun))
    const recent = await execution().query(messages.recentDecisionsQuery, 3)
    expect(recent.map(({ market_time }) => market_time)).toEqual([150, 149, 148])
  })

  it('keeps its log of actions and summaries in Postgres', async () => {
    await start(executionAgentId)
    await execution().signal(messages.logActionSignal, { log_id: 'a-1', action: 'cancel_order', detail: { order: 'x' } })
    await execution().signal(messages.logActionSignal, { log_id: 'a-1', action: 'cancel_order', detail: { order: 'x' } })
    await execution().signal(messages.logSummarySignal, { summary: 'a quiet hour', market_time: 5 })
    await eventually(async () => expect(await listAgentLog(pool, { agent: 'execution', since: 0, limit: 10 })).toHaveLength(2))
    expect(await execution().query(messages.recentActionsQuery)).toMatchObject([{ log_id: 'a-1', payload: { action: 'cancel_order' } }])
  })

  it('takes feedback exactly once, until a decision has used it', async () => {
    await start(executionAgentId)
    const request = { feedback_id: 'f-1', message: 'less\u202e risk please' }
    expect(await ask(execution(), messages.addUserFeedbackUpdate, request)).toEqual({
      ok: true,
      feedback_id: 'f-1',
      status: 'stored',
      pending: 1,
    })
    expect(await ask(execution(), messages.addUserFeedbackUpdate, request)).toMatchObject({ ok: true, status: 'exists', pending: 1 })
    expect(await ask(execution(), messages.addUserFeedbackUpdate, { ...request, message: 'more' })).toMatchObject({
      ok: false,
      reason: 'IDEMPOTENCY_CONFLICT',
    })
    expect(await ask(execution(), messages.addUserFeedbackUpdate, { message: ' \u200b' })).toMatchObject({
      ok: false,
      reason: 'EMPTY_MESSAGE',
    })
    await execution().signal(messages.addUserFeedbackSignal, { message: 'and sell on Friday' })
    await eventually(async () => expect(await execution().query(messages.pendingFeedbackQuery)).toHaveLength(2))
    expect(await execution().query(messages.pendingFeedbackQuery)).toEqual(await pendingFeedback(pool, 'execution'))
    expect(await pendingFeedback(pool, 'execution')).toMatchObject([{ message: 'less risk please' }, { message: 'and sell on Friday' }])
    expect(await events('feedback_received')).toBe(2)

    await markFeedbackProcessed(pool, { feedbackIds: ['f-1'], processedBy: 'decision-run-1-1', marketTime: 1 })
    await execution().signal(messages.logDecisionSignal, decisionOf(1, { feedback_used: ['f-1'] }))
    await eventually(async () =>
      expect(await execution().query(messages.pendingFeedbackQuery)).toMatchObject([{ message: 'and sell on Friday' }]),
    )
    expect(await execution().query(messages.executionStatsQuery)).toMatchObject({ feedback_received: 2, feedback_used: 1 })
  })

  it('refuses feedback beyond what a prompt can carry', async () => {
    const stored = createFeedbackActivities({ pool })
    for (let number = 1; number <= 50; number += 1)
      await stored.storeFeedback({ feedback_id: `f-${number}`, target: 'execution', message: 'again', book })
    await start(executionAgentId)
    expect(await ask(execution(), messages.addUserFeedbackUpdate, { message: 'one more' })).toMatchObject({
      ok: false,
      reason: 'TOO_MANY_PENDING',
    })
  })

  it('answers "stored" only once the flag is in Postgres', async () => {
    await start(executionAgentId)
    const halt = { flag: 'halted', reason: 'news', by: 'cli' }
    expect(await ask(execution(), messages.setTradingFlagUpdate, halt)).toMatchObject({ flag: 'halted', status: 'stored' })
    expect(await getTradingFlag(pool, book)).toMatchObject({ state: 'halted', who: 'cli', reason: 'news' })
  })

  it('keeps a halt while Postgres is down and copies it as soon as it is back', async () => {
    await start(executionAgentId)
    await eventually(async () =>
      expect(await execution().query(messages.executionStateQuery)).toMatchObject({ trading_flag: { flag: 'active', is_stored: true } }),
    )
    isPostgresDown = true
    const halt = { flag: 'halted', reason: 'news', by: 'cli' }
    expect(await ask(execution(), messages.setTradingFlagUpdate, halt)).toEqual({ flag: 'halted', previous: 'active', status: 'kept' })
    expect(await getTradingFlag(pool, book)).toMatchObject({ state: 'active' })
    expect(await execution().query(messages.executionStateQuery)).toMatchObject({ trading_flag: { ...halt, is_stored: false } })
    isPostgresDown = false
    await eventually(async () => expect(await getTradingFlag(pool, book)).toMatchObject({ state: 'halted' }))
    await eventually(async () =>
      expect(await execution().query(messages.executionStateQuery)).toMatchObject({ trading_flag: { is_stored: true } }),
    )
  })

  it('takes a flag even if Postgres was never there, and it wins over the older one in Postgres', async () => {
    await setTradingFlag(pool, { book, state: 'paused', who: 'cli', reason: 'lunch', market_time: 1 })
    isPostgresDown = true
    await start(executionAgentId)
    expect(await ask(execution(), messages.setTradingFlagUpdate, { flag: 'halted', reason: 'news', by: 'cli' })).toMatchObject({
      previous: null,
      status: 'kept',
    })
    isPostgresDown = false
    await eventually(async () => expect(await getTradingFlag(pool, book)).toMatchObject({ state: 'halted' }))
  })

  it('reads Postgres again when told to', async () => {
    await start(executionAgentId)
    await eventually(async () =>
      expect(await execution().query(messages.executionStateQuery)).toMatchObject({ trading_flag: { flag: 'active' } }),
    )
    await setTradingFlag(pool, { book, state: 'paused', who: 'cli', reason: 'lunch', market_time: 1 })
    await ask(execution(), messages.reloadUpdate, null)
    expect(await execution().query(messages.executionStateQuery)).toMatchObject({ trading_flag: { flag: 'paused' } })
  })

  it('survives garbage', async () => {
    await start(executionAgentId)
    await sendGarbage(execution(), {
      updates: [messages.addUserFeedbackUpdate, messages.setTradingFlagUpdate],
      signals: [
        messages.addUserFeedbackSignal,
        messages.logDecisionSignal,
        messages.logActionSignal,
        messages.logSummarySignal,
        messages.preferencesChangedSignal,
        messages.promptActivatedSignal,
      ],
    })
    expect(await execution().query(messages.recentDecisionsQuery.name, 'many')).toEqual([])
    expect(await execution().query(messages.agentLogsQuery.name, { limit: 'all' })).not.toEqual([])
    await execution().signal(messages.logDecisionSignal, decisionOf(1))
    await eventually(async () => expect(await execution().query(messages.executionStatsQuery)).toMatchObject({ decisions: 1 }))
    expect(await ask(execution(), messages.addUserFeedbackUpdate, { message: 'fine' })).toMatchObject({ ok: true })
    expect((await execution().query(messages.executionStatsQuery)).refused_messages).toBeGreaterThan(garbage.length * 4)
  })
})

describe('the judge agent', () => {
  const first = async () => {
    await start(judgeAgentId)
    await eventually(async () => expect(await judge().query(messages.currentPromptVersionQuery)).not.toBeNull())
  }

  it('makes version 1 once and activates it', async () => {
    await first()
    expect(await judge().query(messages.currentPromptVersionQuery)).toMatchObject({
      version: 1,
      mode: 'standard',
      author: 'system',
      is_active: true,
    })
    await createPromptVersionActivities({ pool }).loadPromptHistory({ book })
    expect(await listPromptVersions(pool)).toMatchObject([
      { version: 1, is_active: true, policy: policyForMode('standard', defaultPreferences) },
    ])
    expect(await events('prompt_version_activated')).toBe(1)
  })

  it('adds versions inside the bounds, tells the execution agent, and rolls back without losing history', async () => {
    await Promise.all([first(), start(executionAgentId)])
    const before = await listPromptVersions(pool)
    const careful = {
      policy: { max_position: 0.1 },
      reason: 'drawdown',
      author: 'judge',
      evidence: { drawdown: 0.2 },
      created_by: 'evaluation-1',
    }
    expect(await ask(judge(), messages.updateSystemPromptUpdate, careful)).toMatchObject({
      ok: true,
      previous_version: 1,
      version: {
        version: 2,
        parent_version: 1,
        policy: { max_position: 0.1 },
        reason: 'drawdown',
        author: 'judge',
        created_by: 'evaluation-1',
      },
    })
    await eventually(async () => expect(await execution().query(messages.executionStateQuery)).toMatchObject({ prompt_version: 2 }))
    const bold = { policy: { max_position: 0.9, cool_down_seconds: 1 }, reason: 'greed', author: 'judge' }
    expect(await ask(judge(), messages.updateSystemPromptUpdate, bold)).toMatchObject({
      ok: false,
      reason: 'OUT_OF_BOUNDS',
      problems: [{ field: 'policy.max_position' }, { field: 'policy.cool_down_seconds' }],
    })
    expect(await ask(judge(), messages.rollbackPromptUpdate, { version: 1, reason: 'it was better' })).toMatchObject({
      ok: true,
      version: { version: 1 },
      previous_version: 2,
    })
    await eventually(async () => expect(await execution().query(messages.executionStateQuery)).toMatchObject({ prompt_version: 1 }))
    expect(await ask(judge(), messages.rollbackPromptUpdate, { version: 1, reason: 'again' })).toMatchObject({
      ok: false,
      reason: 'ALREADY_ACTIVE',
    })
    expect(await ask(judge(), messages.rollbackPromptUpdate, { version: 7, reason: 'why not' })).toMatchObject({
      ok: false,
      reason: 'UNKNOWN_VERSION',
    })

    const versions = await listPromptVersions(pool)
    expect(versions.map(({ version, is_active }) => [version, is_active])).toEqual([
      [2, false],
      [1, true],
    ])
    expect(versions.at(-1)).toEqual(before[0])
    expect((await listPromptActivations(pool)).map(({ version, who }) => [version, who])).toEqual([
      [1, 'user'],
      [2, 'judge'],
      [1, 'system'],
    ])
    const known = await judge().query(messages.promptVersionsQuery)
    expect(known.map(({ version, is_active }) => [version, is_active])).toEqual(
      versions.map(({ version, is_active }) => [version, is_active]),
    )
    expect(known[0]).not.toHaveProperty('text')
  })

  it('makes one version of a change that is sent or stored twice, and builds on what Postgres has', async () => {
    await first()
    const stored = createPromptVersionActivities({ pool })
    const active = await judge().query(messages.currentPromptVersionQuery)
    const text = 'Hold everything.'
    if (active === null) throw new Error('no active version')
    const draft = { mode: active.mode, policy: active.policy, text, text_hash: textHash(text) }
    const input = {
      request_id: 'behind',
      draft,
      reason: 'by hand',
      author: 'user' as const,
      evidence: {},
      parent_version: 1,
      created_by: null,
      book,
    }
    expect(await stored.storePromptVersion(input)).toMatchObject({ status: 'stored', history: { active: { version: 2 } } })
    expect(await stored.storePromptVersion(input)).toMatchObject({ status: 'stored', history: { active: { version: 2 } } })

    // The agent believes in version 1; its own change must name 2 as its parent.
    expect(
      await ask(judge(), messages.updateSystemPromptUpdate, { mode: 'conservative', reason: 'calm', author: 'user' }, 'calm'),
    ).toMatchObject({
      ok: true,
      version: { version: 3, parent_version: 2, mode: 'conservative' },
      previous_version: 2,
    })
    await ask(judge(), messages.updateSystemPromptUpdate, { mode: 'conservative', reason: 'calm', author: 'user' }, 'calm')
    expect(await listPromptVersions(pool)).toHaveLength(3)
  })

  it('takes feedback of its own', async () => {
    await first()
    expect(await ask(judge(), messages.addUserFeedbackUpdate, { message: 'be stricter' }, 'update-7')).toMatchObject({
      ok: true,
      feedback_id: 'update-7',
    })
    expect(await pendingFeedback(pool, 'judge')).toMatchObject([{ feedback_id: 'update-7', message: 'be stricter' }])
    expect(await pendingFeedback(pool, 'execution')).toEqual([])
  })

  it('takes signals of the same names and survives garbage', async () => {
    await first()
    await sendGarbage(judge(), {
      updates: [messages.updateSystemPromptUpdate, messages.rollbackPromptUpdate, messages.addUserFeedbackUpdate],
      signals: [
        messages.updateSystemPromptSignal,
        messages.rollbackPromptSignal,
        messages.addUserFeedbackSignal,
        messages.preferencesChangedSignal,
      ],
    })
    await judge().signal(messages.updateSystemPromptSignal, { mode: 'performance', reason: 'weak week', author: 'user' })
    await eventually(async () =>
      expect(await judge().query(messages.currentPromptVersionQuery)).toMatchObject({ version: 2, mode: 'performance' }),
    )
    await judge().signal(messages.rollbackPromptSignal, { version: 1, reason: 'no' })
    await eventually(async () => expect(await judge().query(messages.currentPromptVersionQuery)).toMatchObject({ version: 1 }))
    expect(await listPromptVersions(pool)).toHaveLength(2)
  })
})
