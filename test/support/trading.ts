import type { Client } from '@temporalio/client'
import type { TestWorkflowEnvironment } from '@temporalio/testing'
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker'
import type { DecisionSnapshot } from '@trader/core/agent/decision-snapshot'
import type { Candle } from '@trader/core/contract/candle'
import type { Decision } from '@trader/core/contract/decision'
import type { MarketPlan } from '@trader/core/contract/market-messages'
import type { Run, RunIdentity } from '@trader/core/contract/run'
import type { Tick } from '@trader/core/contract/tick'
import { quoteAround } from '@trader/core/market/candle-ticks'
import type { UpdateDefinition } from '@temporalio/common'
import { decisionId } from '@trader/workflows/names'
import type { Pool } from '@trader/server/database/pool'
import { insertTicks } from '@trader/server/database/queries/insert-ticks'
import { findDecision } from '@trader/server/database/queries/list-decisions'
import { openRun } from '@trader/server/database/queries/open-run'
import { saveCursor } from '@trader/server/database/queries/save-cursor'
import { matchBatch } from '@trader/server/exchange/paper/paper-venue'
import { settleReports } from '@trader/server/exchange/paper/settle-reports'
import { openMarketSource } from '@trader/server/exchange/open-market-source'
import type { ModelClient, ModelReply, ModelRequest } from '@trader/server/llm/model'
import { ensureWorkflowBundle } from '@trader/server/stack/bundle'
import { startAgents } from '@trader/server/stack/run/start-agents'
import { createActivities, type WorkerServices } from '@trader/server/worker/create-activities'
import { createFeedDecisions } from '@trader/server/worker/feed-decisions'
import { openFeatureWindow, sendTicks } from '@trader/server/worker/feed/feature-signals'
import { SourcePool } from '@trader/server/worker/feed/source-pool'
import { sendUpdate } from '@trader/server/workflow-update'
import { carefulMaximum } from '@trader/server/llm/price-table'
import { candlesOf, minute } from './decision-snapshot.ts'

const book = 'paper'
/** Market time of the first candle, where a test does not say. */
const defaultBegin = 1_700_000_040_000

export type Activities = ReturnType<typeof createActivities>

export interface TradingOptions {
  readonly temporal: TestWorkflowEnvironment
  readonly pool: Pool
  readonly models: ModelClient
  readonly runId?: string
  readonly model?: string
  readonly products?: readonly string[]
  readonly dailyBudgetUsd?: number
  readonly modelDeadlineMs?: number
  /** Puts something around the worker's activities. */
  readonly wrap?: (activities: Activities) => Activities
  /** A live market's clock is the wall's: its history ends now. */
  readonly market?: 'replay' | 'coinbase'
}

let worlds = 0

/** Says only what is wrong. To be called before anything else of Temporal's is made. */
export function quietTemporal(): void {
  Runtime.install({ logger: new DefaultLogger('WARN') })
}

/** Ledger, agents, features and paper venue on real Temporal and Postgres; the test is the market and the model. */
export class Trading {
  readonly client: Client
  readonly taskQueue: string
  readonly run: Run
  readonly model: string
  #options: TradingOptions
  #plan: MarketPlan
  #worker: { worker: Worker; running: Promise<void> } | undefined
  /** Market time up to which the test has told of prices. */
  now: number
  #updates = 0
  readonly #began: number

  private constructor(options: TradingOptions, run: Run) {
    this.#options = options
    this.client = options.temporal.client
    this.taskQueue = `trading-${run.run_id}`
    this.run = run
    this.model = options.model ?? 'offline'
    this.#began = beginOf(options)
    this.now = this.#began
    this.#plan = planOf(run, this.model)
  }

  /** A run with 10,000 in cash, its agents, and the model that the test gives. */
  static async start(options: TradingOptions): Promise<Trading> {
    const { market = 'replay', products = ['BTC-USD'], pool } = options
    const identity: RunIdentity = { market, file_hashes: [], products: [...products], book, seed: 1 }
    // Temporal remembers the decisions of every world: each has a run id of its own.
    worlds += 1
    const { run } = await openRun(pool, {
      run_id: options.runId ?? `run-${worlds}`,
      identity,
      starting_cash: '10000',
      market_time: beginOf(options),
    })
    const trading = new Trading(options, run)
    await trading.startWorker()
    await startAgents({ client: trading.client, taskQueue: trading.taskQueue, runId: run.run_id, book, startId: 'test' })
    return trading
  }

  async startWorker(): Promise<void> {
    const { temporal } = this.#options
    const worker = await Worker.create({
      connection: temporal.nativeConnection,
      taskQueue: this.taskQueue,
      workflowBundle: { codePath: (await ensureWorkflowBundle(() => {})).path },
      activities: this.#options.wrap?.(createActivities(this.#services)) ?? createActivities(this.#services),
      maxHeartbeatThrottleInterval: '500ms',
      shutdownGraceTime: 100,
      shutdownForceTime: 1000,
    })
    this.#worker = { worker, running: worker.run() }
  }

  async stopWorker(): Promise<void> {
    if (this.#worker === undefined) return
    const { worker, running } = this.#worker
    this.#worker = undefined
    worker.shutdown()
    await running.catch(() => undefined)
  }

  /** Ends everything that runs, so that the next world may use the same ids. */
  async stop(): Promise<void> {
    await this.stopWorker()
    for await (const { workflowId, taskQueue } of this.client.workflow.list({ query: `ExecutionStatus = 'Running'` })) {
      if (taskQueue === this.taskQueue) await this.client.workflow.getHandle(workflowId).terminate('the test is over')
    }
  }

  /** Opens the feature windows with finished minutes, then tells the last close as a tick. */
  async history(closes: Readonly<Record<string, readonly number[]>>): Promise<void> {
    const ofProducts = Object.entries(closes).map(([product, prices]) => candlesFrom(prices, product, this.#began))
    for (const candles of ofProducts) await openFeatureWindow(this.#target, candles[0]?.product ?? '', candles)
    this.now = Math.max(...ofProducts.map((candles) => (candles.at(-1)?.start ?? 0) + minute))
    await this.tick(Object.fromEntries(Object.entries(closes).map(([product, prices]) => [product, prices.at(-1) ?? 0])))
  }

  /** One tick per product, `afterMs` on; open orders are matched against it. */
  async tick(prices: Readonly<Record<string, number>>, afterMs = 1000): Promise<void> {
    const time = this.now + afterMs
    const ticks = Object.entries(prices).map(([product, price]) => tickOf(product, price, time))
    await this.deliver(ticks)
    this.now = time + 1
  }

  async deliver(ticks: readonly Tick[]): Promise<void> {
    const { pool } = this.#options
    const { client } = this
    const runId = this.run.run_id
    await insertTicks(pool, { runId, ticks })
    await sendTicks(this.#target, ticks)
    await matchBatch({ pool, runId, ticks, timeframeMs: minute, settle: () => settleReports({ pool, client, runId }) })
  }

  /** The decision of this instant, as the feed would start it; its record. */
  async decide(): Promise<Decision> {
    const instant = { runId: this.run.run_id, book, marketTime: this.now, model: this.model } as const
    await createFeedDecisions(this.#services).decide(instant)
    const record = await findDecision(this.#options.pool, decisionId(instant))
    if (record === null) throw new Error(`no decision was recorded at ${this.now}`)
    return record
  }

  /** Tells the run how far its feed came: the clock of what the user asks for. */
  moveCursor(): Promise<void> {
    return saveCursor(this.#options.pool, { runId: this.run.run_id, cursor: this.now })
  }

  ask<Result, Input>(workflowId: string, update: UpdateDefinition<Result, [Input]>, input: Input): Promise<Result> {
    this.#updates += 1
    return sendUpdate(this.client, { workflowId, update, input, updateId: `test-${this.#updates}` })
  }

  /** What a decision of this instant would see. */
  async snapshot(): Promise<DecisionSnapshot> {
    const activities = createActivities(this.#services)
    return (await activities.gather({ run_id: this.run.run_id, book, market_time: this.now })).snapshot
  }

  get #services(): WorkerServices {
    const { pool, models, dailyBudgetUsd = 100, modelDeadlineMs = 5000 } = this.#options
    return {
      pool,
      client: this.client,
      taskQueue: this.taskQueue,
      sources: new SourcePool((request) => openMarketSource(request)),
      models,
      budget: { dailyBudgetUsd, unknownModelPrice: carefulMaximum },
      modelDeadlineMs,
      log: () => {},
    }
  }

  get #target() {
    return { client: this.client, taskQueue: this.taskQueue, plan: this.#plan, timeframeMs: minute }
  }
}

/** A model that says what the test wants, and counts how often it was asked. */
export interface ScriptedModel extends ModelClient {
  readonly asked: ModelRequest[]
  /** Answers the next calls, one each; the last one all others. */
  script(...answers: readonly ScriptedAnswer[]): void
}
export type ScriptedAnswer = string | Partial<ModelReply> | ((request: ModelRequest) => Promise<Partial<ModelReply>>)

export function scriptedModel(): ScriptedModel {
  let answers: ScriptedAnswer[] = []
  const asked: ModelRequest[] = []
  return {
    asked,
    script: (...next) => {
      answers = [...next]
      asked.length = 0
    },
    complete: async (request) => {
      asked.push(request)
      const answer = answers.length > 1 ? answers.shift() : answers[0]
      if (answer === undefined) throw new Error('the test gave no answer')
      const said = typeof answer === 'string' ? { text: answer } : typeof answer === 'function' ? await answer(request) : answer
      return { outcome: 'ok', text: null, error: null, tokensIn: 100, tokensOut: 20, latencyMs: 1, ...said }
    },
  }
}

/** A reply in the asked-for format. */
export function replyOf(...decisions: readonly Readonly<Record<string, unknown>>[]): string {
  return JSON.stringify({ decisions, summary: 'as the test says' })
}

export function buy(changes: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  return {
    product: 'BTC-USD',
    action: 'BUY',
    fraction: 0.1,
    confidence: 0.8,
    expected_edge_bps: 600,
    reasoning: 'up',
    evidence: [],
    ...changes,
  }
}

export function sell(changes: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  return {
    product: 'BTC-USD',
    action: 'SELL',
    fraction: 1,
    confidence: 0.8,
    expected_edge_bps: 0,
    reasoning: 'down',
    evidence: [],
    ...changes,
  }
}

function planOf(run: Run, model: string): MarketPlan {
  const limits = { continue_every: 3600, history_limit: 9000 }
  return {
    run_id: run.run_id,
    book,
    products: run.products,
    source: { market: run.market, files: [], seed: 1, speed: 'max', spread_bps: 2, exchange: null },
    nudge_seconds: 25,
    model,
    historical_minutes: 120,
    until: null,
    stream_limits: limits,
    features: { window_seconds: 300, limits },
  }
}

/** Two hours and a minute before now, or a time long ago. */
function beginOf({ market }: TradingOptions): number {
  return market === 'coinbase' ? Math.floor(Date.now() / minute) * minute - 121 * minute : defaultBegin
}

function candlesFrom(closes: readonly number[], product: string, began: number): Candle[] {
  return candlesOf(closes, product).map((candle) => Object.assign({}, candle, { start: candle.start + began }))
}

function tickOf(product: string, price: number, market_time: number): Tick {
  const text = price.toFixed(2)
  const traded = { volume: '5', candle_volume: '1000', last_minute_notional: '1000000' }
  return { product, market_time, price: text, ...quoteAround(text, 2), ...traded }
}
