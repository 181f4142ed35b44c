import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TestWorkflowEnvironment } from '@temporalio/testing'
import type { BatchResult } from '@trader/core/contract/batch'
import type { VenueReport } from '@trader/core/contract/venue-report'
import type { Pool } from '@trader/server/database/pool'
import { listOrders } from '@trader/server/database/queries/list-orders'
import { sendMissedCandles } from '@trader/server/worker/feed/feature-signals'
import { startMarket, stopMarket } from '@trader/server/stack/run/begin-run'
import * as messages from '@trader/workflows/messages'
import * as names from '@trader/workflows/names'
import { candlesOf, driftingCloses } from '../support/decision-snapshot.ts'
import { createDatabase, startPostgres } from '../support/postgres.ts'
import { startTemporal } from '../support/temporal.ts'
import { buy, quietTemporal, replyOf, type ScriptedModel, scriptedModel, Trading } from '../support/trading.ts'
import { candleFiles, newRun, planOf } from '../workflows/market.ts'
import { coverageOf, encodeHistories, type RecordedHistory } from './recorded-history.ts'

// `make record-histories`: a short session on a real Temporal server and Postgres in which every workflow, and every handler of
// each, has something to do; then the histories, as few per type as cover what happened. replay.test.ts replays them.
// ARGS names the types to write; the others stay as they are.

const folder = join(import.meta.dirname, 'histories')
const wanted = process.argv.slice(2)
/** Low enough for agents, ledger and an order to continue as new within the session; a decision stays far below. */
const suggestNewRunAfter = 150
const calm = driftingCloses({ wobble: 0.001, drift: 0 })

interface Session {
  readonly temporal: TestWorkflowEnvironment
  readonly pool: Pool
  readonly model: ScriptedModel
  readonly trading: Trading
}

async function record(): Promise<void> {
  quietTemporal()
  const postgres = await startPostgres()
  const { pool } = await createDatabase(postgres.adminUrl)
  const temporal = await startTemporal({ suggestNewRunAfter })
  const model = scriptedModel()
  const trading = await Trading.start({ temporal, pool, models: model, model: 'scripted' })
  try {
    const session = { temporal, pool, model, trading }
    await decide(session)
    await talk(session)
    await tradeByHand(session)
    await stream(session)
    await rollOver(session)
    await sleep(2000) // what was signalled last is worked off
    await trading.client.workflow.execute('ArchiveHistoriesWorkflow', { workflowId: names.archiveHistoriesId, taskQueue: trading.taskQueue })
    write(await histories(session))
  } finally {
    await trading.stop()
    await temporal.teardown()
    await pool.end()
    await postgres.stop()
  }
}

/** A trade that its stop ends, a hold, a repair, a refusal, and feedback that is used. */
async function decide({ trading, model }: Session): Promise<void> {
  await trading.history({ 'BTC-USD': calm })
  model.script('let me think', replyOf(buy({ stop_price: '9900', take_profit: '11000' })))
  const { recorded_at: _, ...decision } = await trading.decide()
  await trading.client.workflow.execute('RecordLaterWorkflow', {
    workflowId: names.recordLaterId(decision.id),
    taskQueue: trading.taskQueue,
    args: [{ decision }],
  })
  await trading.tick({ 'BTC-USD': 10_010 })
  await trading.decide()
  await trading.tick({ 'BTC-USD': 9890 })
  await trading.tick({ 'BTC-USD': 9880 })
  await trading.ask(names.executionAgentId, messages.addUserFeedbackUpdate, { message: 'less risk please' })
  model.script(replyOf(buy({ expected_edge_bps: 1 })))
  await trading.tick({ 'BTC-USD': 9880 })
  await trading.decide()
  model.script({ outcome: 'provider_error', error: 'down' })
  await trading.tick({ 'BTC-USD': 9700 })
  await trading.decide()
}

/** Everything that may be said to the agents and the ledger, and something that none of them can take. */
async function talk({ trading }: Session): Promise<void> {
  const { client } = trading
  const [broker, execution, judge] = [names.brokerAgentId, names.executionAgentId, names.judgeAgentId].map((id) => client.workflow.getHandle(id))
  await trading.ask(names.brokerAgentId, messages.setUserPreferencesUpdate, { min_hold_minutes: 0, profit_scraping_percentage: '30%' })
  await broker?.signal(messages.setUserPreferencesSignal, { cash_reserve_level: 0.2 })
  await broker?.signal(messages.logInteractionSignal, { by: 'user', text: 'how are we doing?' })
  await execution?.signal(messages.addUserFeedbackSignal, { message: 'more patience' })
  await execution?.signal(messages.logActionSignal, { action: 'look', detail: {} })
  await execution?.signal(messages.logSummarySignal, { summary: 'quiet' })
  await trading.ask(names.executionAgentId, messages.setTradingFlagUpdate, { flag: 'paused', reason: 'lunch', by: 'user' })
  await trading.ask(names.executionAgentId, messages.setTradingFlagUpdate, { flag: 'active', reason: 'back', by: 'user' })
  await trading.ask(names.judgeAgentId, messages.updateSystemPromptUpdate, { mode: 'aggressive', reason: 'try', author: 'user' })
  await trading.ask(names.judgeAgentId, messages.rollbackPromptUpdate, { version: 1, reason: 'no' })
  await judge?.signal(messages.updateSystemPromptSignal, { mode: 'performance', reason: 'try', author: 'user' })
  await judge?.signal(messages.rollbackPromptSignal, { version: 1, reason: 'no' })
  await judge?.signal(messages.addUserFeedbackSignal, { message: 'be strict' })
  await trading.ask(names.judgeAgentId, messages.addUserFeedbackUpdate, { message: 'be fair' })
  await execution?.signal(messages.logSummarySignal.name, { summary: 7 })
  const ledger = names.executionLedgerId('paper')
  for (const id of [names.brokerAgentId, names.executionAgentId, names.judgeAgentId, ledger]) await trading.ask(id, messages.reloadUpdate, null)
}

/** The user's own orders: one that is refused, one that fills, one that rests, and the sale of everything. */
async function tradeByHand({ trading, pool }: Session): Promise<void> {
  const common = { run_id: trading.run.run_id, book: 'paper' }
  const place = async (key: string, isTaken: boolean, request: object): Promise<void> => {
    const result: BatchResult = await trading.client.workflow.execute('PlaceMockBatchWorkflow', {
      workflowId: names.batchId(names.manualOrigin(key)),
      taskQueue: trading.taskQueue,
      args: [{ ...common, idempotency_key: key, requests: [request], wait_ms: 100 }],
    })
    if (result.ok !== isTaken) throw new Error(`batch ${key}: ${JSON.stringify(result)}`)
  }
  await trading.tick({ 'BTC-USD': 9700 }, 120_000)
  await trading.moveCursor()
  await place('refused', false, { product: 'BTC-USD', side: 'SELL', type: 'market', quantity: '5', time_in_force: 'IOC' })
  await place('bought', true, { product: 'BTC-USD', side: 'BUY', type: 'market', notional: '1000', time_in_force: 'IOC', expected_edge_bps: 900 })
  await trading.tick({ 'BTC-USD': 9700 })
  await trading.moveCursor()
  const flattening = trading.client.workflow.execute('FlattenWorkflow', {
    workflowId: names.flattenOrigin('all'),
    taskQueue: trading.taskQueue,
    args: [{ ...common, idempotency_key: 'all', reason: 'the session ends', by: 'user', wait_ms: 3000 }],
  })
  await sleep(1000)
  await trading.tick({ 'BTC-USD': 9690 })
  await flattening
  await trading.ask(names.executionAgentId, messages.setTradingFlagUpdate, { flag: 'active', reason: 'again', by: 'user' })
  await trading.tick({ 'BTC-USD': 9690 }, 120_000)
  await trading.moveCursor()
  const limit = { type: 'limit', limit_price: '9500', notional: '500', time_in_force: 'GTC', expected_edge_bps: 900 }
  await place('withdrawn', true, { product: 'BTC-USD', side: 'BUY', ...limit, limit_price: '9400' })
  const [withdrawn] = await listOrders(pool, { states: ['WORKING', 'RESERVED'] })
  if (withdrawn === undefined) throw new Error('no order rests')
  await trading.ask(withdrawn.workflow_id, messages.cancelOrderUpdate, { reason: 'not now', market_time: trading.now })
  await trading.tick({ 'BTC-USD': 9690 }, 120_000)
  await trading.moveCursor()
  await place('resting', true, { product: 'BTC-USD', side: 'BUY', ...limit })
  await trading.client.workflow.execute('PingWorkflow', { workflowId: 'ping', taskQueue: trading.taskQueue })
}

/** Two replays, the second in place of the first, small enough limits for every part to continue as new; and one that is stopped. */
async function stream({ trading, pool }: Session): Promise<void> {
  const { client, taskQueue } = trading
  const files = await candleFiles(40)
  const limits = { continue_every: 30, history_limit: 9000 }
  const changes = { stream_limits: { continue_every: 8, history_limit: 9000 }, features: { window_seconds: 60, limits } }
  const [first, second, third] = [await newRun(pool), await newRun(pool), await newRun(pool)]
  const slow = planOf(first, files, { ...changes, source: { ...planOf(first, files).source, speed: 60 } })
  const fast = planOf(second, files, changes)
  await startMarket({ client, taskQueue, plan: slow, startId: 'slow' })
  await sleep(1500)
  await startMarket({ client, taskQueue, plan: fast, startId: 'fast' })
  await client.workflow.getHandle(names.marketStreamId).result()
  const candles = candlesOf([100, 101], 'BTC-USD')
  await sendMissedCandles({ client, taskQueue, plan: fast, timeframeMs: 60_000 }, candles)
  await startMarket({ client, taskQueue, plan: { ...slow, run_id: third }, startId: 'third' })
  await sleep(500)
  await stopMarket({ client, startId: 'third' })
  await client.workflow.getHandle(names.marketStreamId).result()
}

/** Enough small talk for agents, ledger and the resting order to continue as new. */
async function rollOver({ trading, pool }: Session): Promise<void> {
  const { client } = trading
  const [order] = await listOrders(pool, { states: ['WORKING'] })
  if (order === undefined) throw new Error('no order rests')
  const report: VenueReport = { order_id: order.order_id, seq: 1, market_time: trading.now, triggered: false, fills: [], state: 'WORKING', reason: null }
  for (let round = 0; round < 40; round += 1) {
    for (const agent of [names.brokerAgentId, names.executionAgentId, names.judgeAgentId]) {
      await client.workflow.getHandle(agent).signal('add_user_feedback', { message: 7 })
      await client.workflow.getHandle(agent).signal('set_user_preferences', { mood: round })
    }
    await trading.ask(names.executionLedgerId('paper'), messages.setScrapeFractionUpdate, 0.3)
    await trading.ask(order.workflow_id, messages.venueReportUpdate, report)
  }
}

async function histories({ trading }: Session): Promise<Map<string, RecordedHistory[]>> {
  const byType = new Map<string, RecordedHistory[]>()
  for await (const { type, workflowId, runId, taskQueue } of trading.client.workflow.list()) {
    if (taskQueue !== trading.taskQueue) continue
    const history = await trading.client.workflow.getHandle(workflowId, runId).fetchHistory()
    byType.set(type, [...(byType.get(type) ?? []), { workflow_id: workflowId, history }])
  }
  return byType
}

function write(byType: ReadonlyMap<string, readonly RecordedHistory[]>): void {
  mkdirSync(folder, { recursive: true })
  if (wanted.length === 0) for (const name of readdirSync(folder)) rmSync(join(folder, name))
  for (const [type, recorded] of byType) {
    if (wanted.length > 0 && !wanted.includes(type)) continue
    const kept = fewest(recorded)
    const bytes = encodeHistories(kept)
    writeFileSync(join(folder, `${type}.gz`), bytes)
    process.stdout.write(`${type}: ${kept.length} of ${recorded.length} histories, ${bytes.length} bytes\n`)
  }
}

/** The histories that show everything that any of them shows. */
function fewest(recorded: readonly RecordedHistory[]): RecordedHistory[] {
  const seen = new Set<string>()
  return recorded
    .toSorted((left, right) => coverageOf(right).size - coverageOf(left).size || lengthOf(left) - lengthOf(right))
    .filter((one) => {
      const shown = [...coverageOf(one)]
      if (shown.every((what) => seen.has(what))) return false
      shown.forEach((what) => seen.add(what))
      return true
    })
}

function lengthOf({ history }: RecordedHistory): number {
  return history.events?.length ?? 0
}

await record()
