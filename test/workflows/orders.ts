import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '@temporalio/client'
import type { TestWorkflowEnvironment } from '@temporalio/testing'
import { Worker } from '@temporalio/worker'
import { expect } from 'vitest'
import { offlineReply } from '@trader/core/agent/offline-trader'
import type { BatchResult } from '@trader/core/contract/batch'
import type { Block } from '@trader/core/contract/block'
import type { Fill } from '@trader/core/contract/fill'
import type { Balances, LedgerState } from '@trader/core/contract/ledger-messages'
import type { Order, OrderRequest } from '@trader/core/contract/order'
import type { Tick } from '@trader/core/contract/tick'
import { orderId, orderWorkflowId } from '@trader/core/order/order-id'
import { ensureWorkflowBundle } from '@trader/server/stack/bundle'
import { type Pool, withTransaction } from '@trader/server/database/pool'
import { getBalances } from '@trader/server/database/queries/get-balances'
import { getPositions } from '@trader/server/database/queries/get-positions'
import { insertTicks } from '@trader/server/database/queries/insert-ticks'
import { type LedgerCheck, ledgerCheck } from '@trader/server/database/queries/ledger-check'
import { listBlocks } from '@trader/server/database/queries/list-blocks'
import { listFills } from '@trader/server/database/queries/list-fills'
import { findOrder, listOrders } from '@trader/server/database/queries/list-orders'
import { openRun } from '@trader/server/database/queries/open-run'
import { saveCursor } from '@trader/server/database/queries/save-cursor'
import { setTradingFlag } from '@trader/server/database/queries/trading-flag'
import { settleReports } from '@trader/server/exchange/paper/settle-reports'
import { createFeedVenue } from '@trader/server/worker/feed-venue'
import { matchBatch } from '@trader/server/exchange/paper/paper-venue'
import { createModelRouter } from '@trader/server/llm/model-router'
import { createOfflineModel } from '@trader/server/llm/offline/offline-model'
import { createActivities } from '@trader/server/worker/create-activities'
import { SourcePool } from '@trader/server/worker/feed/source-pool'
import { sendUpdate } from '@trader/server/workflow-update'
import { carefulMaximum } from '@trader/server/llm/price-table'
import { ledgerStateQuery, openRunUpdate } from '@trader/workflows/messages'
import { batchId, executionLedgerId, manualOrigin } from '@trader/workflows/names'
import { createDatabase } from '../support/postgres.ts'
import { startTemporal } from '../support/temporal.ts'

// What the tests of orders share: a Temporal server, a worker with the real activities, and a market that the test moves.

export const product = 'BTC-USD'
export const firstTime = 1_700_000_040_000
export const minute = 60_000
const timeframeMs = minute

/** Every activity as the worker has it. The model is the offline one; market sources are there, but nobody asks for them. */
export function realActivities({ pool, client, taskQueue }: { pool: Pool; client: Client; taskQueue: string }) {
  return createActivities({
    pool,
    client,
    taskQueue,
    sources: new SourcePool(() => Promise.reject(new Error('this test has no market source'))),
    models: createModelRouter({ offline: createOfflineModel([offlineReply]) }),
    budget: { dailyBudgetUsd: 0, unknownModelPrice: carefulMaximum },
    modelDeadlineMs: 20_000,
    log: () => undefined,
  })
}

export async function createWorker(options: {
  readonly connection: TestWorkflowEnvironment['nativeConnection']
  readonly taskQueue: string
  readonly activities: object
}): Promise<Worker> {
  const { path: codePath } = await ensureWorkflowBundle(() => undefined)
  return Worker.create({ ...options, workflowBundle: { codePath } })
}

/** The services of one test file. */
export class Exchange {
  readonly temporal: TestWorkflowEnvironment
  readonly client: Client
  readonly pool: Pool
  readonly databaseUrl: string
  readonly taskQueue: string

  private constructor(parts: { temporal: TestWorkflowEnvironment; pool: Pool; databaseUrl: string; taskQueue: string }) {
    this.temporal = parts.temporal
    this.client = parts.temporal.client
    this.pool = parts.pool
    this.databaseUrl = parts.databaseUrl
    this.taskQueue = parts.taskQueue
  }

  static async start(postgresUrl: string, options: { suggestNewRunAfter?: number } = {}): Promise<Exchange> {
    const [temporal, database] = await Promise.all([startTemporal(options), createDatabase(postgresUrl)])
    return new Exchange({ temporal, pool: database.pool, databaseUrl: database.url, taskQueue: 'orders' })
  }

  /** Prompt version 1, without which nothing can be decided. */
  async makeFirstPrompt(): Promise<void> {
    await realActivities(this).loadPromptHistory({ book: 'paper' })
  }

  #workers: { worker: Worker; running: Promise<void> }[] = []

  /** Starts a worker of the file's own process; `wrap` may put something around each activity. */
  async startWorker(
    wrap: (activities: ReturnType<typeof realActivities>) => object = (activities) => activities,
    taskQueue = this.taskQueue,
  ): Promise<Worker> {
    const activities = wrap(realActivities({ pool: this.pool, client: this.client, taskQueue }))
    const worker = await createWorker({ connection: this.temporal.nativeConnection, taskQueue, activities })
    this.#workers.push({ worker, running: worker.run() })
    return worker
  }

  /** Ends what was started, in the order that lets nothing wait for something that is gone. */
  async stop(): Promise<void> {
    for (const { worker, running } of this.#workers) {
      if (worker.getState() === 'RUNNING') worker.shutdown()
      await running
    }
    await this.temporal.teardown()
    await this.pool.end()
  }
}

let markets = 0

export interface TickChange {
  readonly bid?: string
  readonly ask?: string
  readonly product?: string
  /** Volume of the candle, base units. */
  readonly volume?: string
  readonly lastMinute?: string | null
  /** Market time since the last tick, ms. */
  readonly after?: number
}

/** A run of its own, whose ticks and orders the test makes. One at a time per book: the ledger has one open run. */
export class Market {
  readonly exchange: Exchange
  readonly runId: string
  readonly book: string
  #taskQueue: string
  #time = firstTime
  #keys = 0

  private constructor(exchange: Exchange, runId: string, book: string, taskQueue: string) {
    this.exchange = exchange
    this.runId = runId
    this.book = book
    this.#taskQueue = taskQueue
  }

  static async open(
    exchange: Exchange,
    options: { cash?: string; products?: string[]; book?: string; taskQueue?: string } = {},
  ): Promise<Market> {
    markets += 1
    const { cash = '10000', products = [product], book = 'paper', taskQueue = exchange.taskQueue } = options
    const identity = { market: 'replay' as const, file_hashes: [], products, seed: markets, book }
    const request = { run_id: `run-${process.pid}-${markets}`, identity, starting_cash: cash, market_time: firstTime }
    const { run } = await openRun(exchange.pool, request)
    const market = new Market(exchange, run.run_id, book, taskQueue)
    await market.setFlag('active')
    await exchange.client.workflow.start('ExecutionLedgerWorkflow', {
      workflowId: executionLedgerId(book),
      taskQueue,
      args: [{ run_id: run.run_id, book }],
      workflowIdConflictPolicy: 'USE_EXISTING',
    })
    await market.#openInLedger()
    return market
  }

  async #openInLedger(): Promise<void> {
    const update = { update: openRunUpdate, input: this.runId, updateId: `open:${this.runId}` }
    await sendUpdate(this.exchange.client, { workflowId: executionLedgerId(this.book), ...update })
  }

  get taskQueue(): string {
    return this.#taskQueue
  }

  get time(): number {
    return this.#time
  }

  setFlag(state: 'active' | 'paused' | 'halted') {
    return setTradingFlag(this.exchange.pool, { book: this.book, state, who: 'test', reason: 'test', market_time: this.#time })
  }

  /** One tick, a minute after the last: stored, matched and settled as the feed does it, and the cursor moved past it. */
  async tick(change: TickChange = {}): Promise<Tick> {
    const [tick] = await this.show([change])
    if (tick === undefined) throw new Error('no tick was made')
    await this.match([tick])
    return tick
  }

  /** Makes ticks and stores them; nothing is matched. */
  async show(changes: readonly TickChange[]): Promise<Tick[]> {
    const { pool } = this.exchange
    const ticks = changes.map((change) => this.#tickOf(change))
    await withTransaction(pool, (db) => insertTicks(db, { runId: this.runId, ticks }))
    await saveCursor(pool, { runId: this.runId, cursor: this.#time + 1 })
    return ticks
  }

  async match(
    ticks: readonly Tick[],
    settle = () => settleReports({ pool: this.exchange.pool, client: this.exchange.client, runId: this.runId }),
  ): Promise<void> {
    await matchBatch({ pool: this.exchange.pool, runId: this.runId, ticks, timeframeMs, settle })
  }

  /** A tick as a feed delivers it, which looks at the flag before the venue matches. */
  async feed(change: TickChange): Promise<void> {
    const { pool, client } = this.exchange
    const ticks = await this.show([change])
    await createFeedVenue({ pool, client }).matchBatch({ runId: this.runId, ticks, timeframeMs })
  }

  #tickOf(change: TickChange): Tick {
    this.#time += change.after ?? minute
    const { bid = '99.9', ask = change.bid ?? '100', volume = '1000', lastMinute = '1000000' } = change
    return {
      product: change.product ?? product,
      market_time: this.#time,
      price: bid,
      bid,
      ask,
      volume: '1',
      candle_volume: volume,
      last_minute_notional: lastMinute,
    }
  }

  nextKey(): string {
    this.#keys += 1
    return `${this.runId}-${this.#keys}`
  }

  /** Starts a batch of the user's own and answers once it is refused or every order is with the venue. */
  async place(requests: readonly Partial<OrderRequest>[], key = this.nextKey(), { isSent = true } = {}): Promise<BatchResult> {
    const input = { run_id: this.runId, book: this.book, idempotency_key: key, requests: requests.map(asRequest), wait_ms: 0 }
    const origin = manualOrigin(key)
    const result = await this.exchange.client.workflow.execute<(batch: typeof input) => Promise<BatchResult>>('PlaceMockBatchWorkflow', {
      workflowId: batchId(origin),
      taskQueue: this.#taskQueue,
      args: [input],
    })
    if (result.ok && isSent) for (const { order_id } of result.orders) await this.isAtVenue(order_id)
    return result
  }

  /** Places one order and answers its id. */
  async buy(request: Partial<OrderRequest>): Promise<string> {
    return this.#placeOne({ side: 'BUY', ...request })
  }

  async sell(request: Partial<OrderRequest>): Promise<string> {
    return this.#placeOne({ side: 'SELL', ...request })
  }

  async #placeOne(request: Partial<OrderRequest>): Promise<string> {
    const result = await this.place([request])
    if (!result.ok) throw new Error(`${result.reason}: ${result.detail}`)
    return result.orders[0]?.order_id ?? ''
  }

  async isAtVenue(id: string): Promise<void> {
    await eventually(async () => {
      const { rows } = await this.exchange.pool.query('select from paper_order where order_id = $1', [id])
      expect(rows.length, `order ${id} at the venue`).toBe(1)
    })
  }

  async order(id: string): Promise<Order> {
    const order = await findOrder(this.exchange.pool, id)
    if (order === null) throw new Error(`no order ${id}`)
    return order
  }

  /** Stops and take-profits of an entry, oldest first. */
  async exitsOf(entryId: string): Promise<Order[]> {
    return (await this.orders()).filter((order) => order.parent_order_id === entryId)
  }

  /** One exit of an entry, once it is armed at the venue. */
  async exitOf(entryId: string, type: Order['type']): Promise<string> {
    const exit = (await this.exitsOf(entryId)).findLast((order) => order.type === type)
    if (exit === undefined) throw new Error(`entry ${entryId} has no ${type}`)
    await this.isAtVenue(exit.order_id)
    return exit.order_id
  }

  orders(): Promise<Order[]> {
    return listOrders(this.exchange.pool, { runId: this.runId, limit: 1000 }).then((orders) => orders.toReversed())
  }

  fills(id?: string): Promise<Fill[]> {
    const which = id === undefined ? { runId: this.runId } : { orderId: id }
    return listFills(this.exchange.pool, { ...which, limit: 1000 }).then((fills) => fills.toReversed())
  }

  blocks(): Promise<Block[]> {
    return listBlocks(this.exchange.pool, { runId: this.runId })
  }

  async events(type: string): Promise<{ correlation_id: string; payload: Record<string, unknown> }[]> {
    const sql = 'select correlation_id, payload from event where run_id = $1 and type = $2 order by row_id'
    const { rows } = await this.exchange.pool.query<{ correlation_id: string; payload: Record<string, unknown> }>(sql, [this.runId, type])
    return rows
  }

  async heldOf(asset: string): Promise<string> {
    return (await this.balances())[asset]?.held ?? 'none'
  }

  /** What is held of the product, in base units. */
  async quantity(name = product): Promise<string> {
    const positions = await getPositions(this.exchange.pool, this.runId)
    return positions.find((position) => position.product === name)?.quantity ?? '0'
  }

  /** Balances, which Postgres and the ledger workflow must agree on, as they must on positions. */
  async balances(): Promise<Balances> {
    const { pool, client } = this.exchange
    const state: LedgerState = await client.workflow.getHandle(executionLedgerId(this.book)).query(ledgerStateQuery)
    const balances = await getBalances(pool, this.runId)
    expect(state.balances).toEqual(balances)
    const positions = await getPositions(pool, this.runId)
    expect(state.positions).toEqual(Object.fromEntries(positions.map((position) => [position.product, position])))
    return balances
  }

  /** What must hold after every story: books that add up, and nothing at the venue that is over for us, nor the other way round. */
  async check(): Promise<LedgerCheck> {
    const { pool } = this.exchange
    await this.balances()
    const check = await withTransaction(pool, ledgerCheck, { isolation: 'repeatable read' })
    expect(check.problems).toEqual([])
    expect(Object.values(check.sums).every((sum) => sum === '0')).toBe(true)
    const { rows } = await pool.query(
      `select state, closed_state, count(*)::int from orders left join paper_order using (order_id)
       where orders.run_id = $1 and is_terminal(state) <> (closed_state is not null) and (paper_order.order_id is not null or not is_terminal(state))
       group by state, closed_state`,
      [this.runId],
    )
    expect(rows, 'orders that ledger and venue see differently').toEqual([])
    return check
  }

  /** What an order's workflow answers; it must be over. */
  async ended(id: string): Promise<Order> {
    const { workflow_id } = await this.order(id)
    return this.exchange.client.workflow.getHandle(workflow_id).result() as Promise<Order> // PlaceMockOrderWorkflow's answer
  }
}

function asRequest(request: Partial<OrderRequest>): OrderRequest {
  return { product, side: 'BUY', type: 'market', ...request }
}

/** Asks again until nothing is wrong, at most 20 s; the long proofs use it too, where there is no vitest that could wait. */
export async function eventually(check: () => Promise<void>): Promise<void> {
  const last = performance.now() + 20_000
  for (;;) {
    try {
      return await check()
    } catch (error) {
      if (performance.now() > last) throw error
      await sleep(20)
    }
  }
}

/** The id of the order at a place of a batch of the user's own. */
export const idOf = (key: string, leg = 0): string => orderId(manualOrigin(key), leg)
export const workflowIdOf = (key: string, leg = 0): string => orderWorkflowId(manualOrigin(key), leg)
