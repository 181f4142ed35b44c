import { rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Client, WithStartWorkflowOperation } from '@temporalio/client'
import type { TestWorkflowEnvironment } from '@temporalio/testing'
import { Worker } from '@temporalio/worker'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest'
import type { MarketPlan } from '@trader/core/contract/market-messages'
import type { Tick } from '@trader/core/contract/tick'
import { startTickCheck } from '@trader/core/market/tick-check'
import { stepMs } from '@trader/core/market/market-clock'
import type { Pool } from '@trader/server/database/pool'
import { sequenceEvents } from '@trader/server/database/event-sequencer'
import { eventsSince } from '@trader/server/database/queries/events-since'
import { findRun } from '@trader/server/database/queries/find-run'
import { listQuarantinedTicks } from '@trader/server/database/queries/quarantine-tick'
import { openMarketSource } from '@trader/server/exchange/open-market-source'
import type { MarketSource, RawTick } from '@trader/server/exchange/market-source'
import { wallClock } from '@trader/server/exchange/wall-clock'
import { createHistoryActivities } from '@trader/server/worker/activities/history'
import { createMarketFeedActivities } from '@trader/server/worker/activities/market-feed'
import { runCycle } from '@trader/server/worker/feed/feed-cycle'
import type { FeedDependencies } from '@trader/server/worker/feed/feed-dependencies'
import { storeBatch } from '@trader/server/worker/feed/store-batch'
import { SourcePool } from '@trader/server/worker/feed/source-pool'
import { MarketStreamWorkflow } from '@trader/workflows/market-stream'
import * as messages from '@trader/workflows/messages'
import { featureId, marketStreamId, subscriptionId } from '@trader/workflows/names'
import { createDatabase } from '../support/postgres.ts'
import { startTemporal } from '../support/temporal.ts'
import { candleFiles, comparable, firstCandle, minute, newRun, planOf, products, storedTicks, ticksOfPlan } from './market.ts'

const taskQueue = 'market'
const suggestNewRunAfter = 60

let temporal: TestWorkflowEnvironment
let client: Client
let pool: Pool
let worker: Worker
let running: Promise<void>
let files: string[]
let feed: FeedDependencies

/** What the feed told the venue and the agent, and how a test makes them fail. */
const seen = { matched: [] as Tick[], decided: [] as number[] }
const world = { agentRuns: true, failures: 0, open: openMarketSource, inDecision: async () => {} }

beforeAll(async () => {
  files = await candleFiles(60)
  temporal = await startTemporal({ suggestNewRunAfter })
  client = temporal.client
  pool = (await createDatabase(inject('postgresUrl'))).pool
  feed = {
    pool,
    client,
    taskQueue,
    clock: wallClock,
    log: () => undefined,
    sources: new SourcePool((request) => world.open(request)),
    paperVenue: {
      matchBatch: async ({ ticks }: { ticks: readonly Tick[] }) => {
        seen.matched.push(...ticks)
        failSometimes()
      },
    },
    decisions: {
      areWanted: async () => world.agentRuns,
      decide: async ({ marketTime }: { marketTime: number }) => {
        seen.decided.push(marketTime)
        await world.inDecision()
        failSometimes()
      },
    },
  }
  worker = await Worker.create({
    connection: temporal.nativeConnection,
    taskQueue,
    workflowsPath: new URL('../../workflows/src/index.ts', import.meta.url).pathname,
    activities: { ...createMarketFeedActivities(feed), ...createHistoryActivities(feed) },
    maxHeartbeatThrottleInterval: '200ms',
  })
  running = worker.run()
})
afterAll(async () => {
  worker.shutdown()
  await running
  await temporal.teardown()
  await pool.end()
  await rm(dirname(files[0] ?? ''), { recursive: true })
})
beforeEach(() => {
  seen.matched = []
  seen.decided = []
  Object.assign(world, { agentRuns: true, failures: 0, open: openMarketSource, inDecision: async () => {} })
})
afterEach(async () => {
  await client.workflow
    .getHandle(marketStreamId)
    .terminate('the test is over')
    .catch(() => undefined)
})

/** Every fourth call fails as long as there are failures left. */
let calls = 0
function failSometimes(): void {
  calls += 1
  if (world.failures === 0 || calls % 4 !== 0) return
  world.failures -= 1
  throw new Error('cut off')
}

const start = (plan: MarketPlan) => client.workflow.start(MarketStreamWorkflow, { workflowId: marketStreamId, taskQueue, args: [plan] })

const update = (plan: MarketPlan) =>
  client.workflow.executeUpdateWithStart(messages.replaceMarketStreamUpdate, {
    args: [plan],
    startWorkflowOperation: new WithStartWorkflowOperation(MarketStreamWorkflow, {
      workflowId: marketStreamId,
      taskQueue,
      args: [plan],
      workflowIdConflictPolicy: 'USE_EXISTING',
    }),
  })

async function events(runId: string, type: string) {
  await sequenceEvents(pool)
  return (await eventsSince(pool, { since: 0, limit: 1000 })).filter((event) => event.run_id === runId && event.type === type)
}

/** Instants of decisions of a whole replay at max: ends of minutes with a tick still to come. */
function instantsOf(ticks: readonly Tick[]): number[] {
  const last = Math.max(...ticks.map((tick) => tick.market_time))
  const first = firstCandle + 10 * minute
  const step = stepMs({ nudgeSeconds: 25, speed: 'max', timeframeMs: minute })
  return Array.from({ length: 60 }, (_, index) => first + (index + 1) * step).filter((instant) => instant <= last)
}

/** The histories of a workflow's runs, first to last. */
async function historiesOf(workflowId: string) {
  const { raw } = await client.workflow.getHandle(workflowId).describe()
  let runId = raw.workflowExecutionInfo?.firstRunId ?? undefined
  const histories = []
  while (runId !== undefined) {
    const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory()
    histories.push(events ?? [])
    runId = events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId ?? undefined
  }
  return histories
}

describe('the market stream', () => {
  it('replays every tick once to the end, decides at each step and finishes the run', async () => {
    const plan = planOf(await newRun(pool), files)
    const expected = await ticksOfPlan(plan)
    const result = await (await start(plan)).result()
    expect(result).toMatchObject({ run_id: plan.run_id, ended: 'end_of_data' })
    expect(comparable(await storedTicks(pool, plan.run_id))).toEqual(comparable(expected))
    expect(comparable(seen.matched)).toEqual(comparable(expected))
    expect(seen.decided).toEqual(instantsOf(expected))
    expect(await findRun(pool, plan.run_id)).toMatchObject({ status: 'finished', cursor: result.cursor })
    expect(await events(plan.run_id, 'run_finished')).toHaveLength(1)
    for (const product of products) {
      const features = client.workflow.getHandle(featureId(product))
      const ofProduct = expected.filter((tick) => tick.product === product)
      expect(await features.query(messages.featureVectorQuery, null)).toMatchObject({ price: ofProduct.at(-1)?.price })
      expect(await features.query(messages.featureStatusQuery)).toMatchObject({ run_id: plan.run_id, candles: 50, dropped: { count: 0 } })
    }
  })

  it('repeats a cycle that was cut off anywhere without losing or doubling a tick or a decision', async () => {
    const plan = planOf(await newRun(pool), files)
    const expected = await ticksOfPlan(plan)
    world.failures = 5
    await (await start(plan)).result()
    expect(world.failures).toBe(0)
    expect(comparable(await storedTicks(pool, plan.run_id))).toEqual(comparable(expected))
    expect([...new Set(seen.decided)]).toEqual(instantsOf(expected))
    expect(seen.decided.length).toBeGreaterThan(instantsOf(expected).length)
    const { ticks } = await client.workflow.getHandle(featureId('BTC-USD')).query(messages.featureStatusQuery)
    const lastTime = Math.max(...expected.map((tick) => tick.market_time))
    const inWindow = expected.filter((tick) => tick.product === 'BTC-USD' && tick.market_time > lastTime - 300_000)
    expect(ticks).toBe(inWindow.length)
  })

  it('pauses as after a first failure whenever it has got on since the last one', async () => {
    const plan = planOf(await newRun(pool), files)
    world.failures = 6
    await (await start(plan)).result()
    const histories = await historiesOf(subscriptionId)
    const attempts = histories.flat().flatMap((event) => event.activityTaskStartedEventAttributes?.attempt ?? [])
    expect(world.failures).toBe(0)
    expect(attempts.length).toBeGreaterThan(4)
    expect(Math.max(...attempts)).toBeLessThanOrEqual(2) // the first may fail before it has got anywhere
  })

  it('gives features that were lost back to a run that goes on, to the last tick', async () => {
    const [until, end] = [firstCandle + 23 * minute + 12_345, firstCandle + 26 * minute + 45_000]
    const featuresAt = async (plan: MarketPlan) => {
      await (await start({ ...plan, until: end })).result()
      return Promise.all(
        products.map(async (product) => {
          const features = client.workflow.getHandle(featureId(product))
          const { dropped: _, run_id: __, ...status } = await features.query(messages.featureStatusQuery)
          return [status, await features.query(messages.featureVectorQuery, end), await features.query(messages.historicalTicksQuery, 0)]
        }),
      )
    }
    const whole = await featuresAt(planOf(await newRun(pool), files))
    const plan = planOf(await newRun(pool), files)
    await (await start({ ...plan, until })).result()
    for (const product of products) await client.workflow.getHandle(featureId(product)).terminate('lost with the database of Temporal')
    expect(await featuresAt(plan)).toEqual(whole)
  })

  it('goes on as a new run after its cycles and stays the same stream', async () => {
    const plan = planOf(await newRun(pool), files, { stream_limits: { continue_every: 10, history_limit: 9000 } })
    await (await start(plan)).result()
    expect(comparable(await storedTicks(pool, plan.run_id))).toEqual(comparable(await ticksOfPlan(plan)))
    expect(await historiesOf(subscriptionId)).toHaveLength(5)
  })

  it('stops at a market time and goes on from there when it is started again', async () => {
    const plan = planOf(await newRun(pool), files)
    const expected = await ticksOfPlan(plan)
    const until = firstCandle + 20 * minute + 12_345
    expect(await (await start({ ...plan, until })).result()).toMatchObject({ ended: 'until', cursor: until })
    expect(await findRun(pool, plan.run_id)).toMatchObject({ status: 'open', cursor: until })
    await (await start(plan)).result()
    expect(comparable(await storedTicks(pool, plan.run_id))).toEqual(comparable(expected))
    expect(seen.decided).toEqual(instantsOf(expected))
  })

  it('goes on without decisions while the execution agent is stopped', async () => {
    world.agentRuns = false
    const plan = planOf(await newRun(pool), files)
    await (await start(plan)).result()
    expect(seen.decided).toEqual([])
    expect(seen.matched).toHaveLength((await ticksOfPlan(plan)).length)
  })

  it('replaces its products when started again, changes nothing for the same plan, and stops', async () => {
    const slow = { market: 'simulated' as const, files: [], seed: 3, speed: 25, spread_bps: 2, exchange: null }
    const [first, second] = [
      await newRun(pool, { market: 'simulated' }),
      await newRun(pool, { market: 'simulated', products: ['BTC-USD'] }),
    ]
    const plan = planOf(first, [], { source: slow })
    expect(await update(plan)).toEqual({ run_id: first, replaced: false })
    await vi.waitFor(async () => expect(await storedTicks(pool, first)).not.toEqual([]), { timeout: 15_000 })
    expect(await update(plan)).toEqual({ run_id: first, replaced: false })
    const other = planOf(second, [], { source: slow, products: ['BTC-USD'] })
    expect(await update(other)).toEqual({ run_id: second, replaced: true })

    const stoppedAt = (await findRun(pool, first))?.cursor
    await vi.waitFor(async () => expect(await storedTicks(pool, second)).not.toEqual([]), { timeout: 15_000 })
    const handle = client.workflow.getHandle<typeof MarketStreamWorkflow>(marketStreamId)
    const status = await handle.query(messages.marketStreamStatusQuery)
    expect(status).toMatchObject({
      plan: { run_id: second },
      phase: 'streaming',
      history: [{ product: 'BTC-USD', candles: 10, error: null }],
    })
    expect(new Set((await storedTicks(pool, second)).map((tick) => tick.product))).toEqual(new Set(['BTC-USD']))
    expect((await findRun(pool, first))?.cursor).toBe(stoppedAt)

    expect(await handle.executeUpdate(messages.stopMarketStreamUpdate, { args: [null] })).toEqual({ run_id: second })
    expect(await handle.result()).toMatchObject({ run_id: second, ended: 'stopped' })
    expect((await client.workflow.getHandle(subscriptionId).describe()).status.name).toBe('CANCELLED')
    expect(await findRun(pool, second)).toMatchObject({ status: 'open' })
  })

  it('has stopped when it is told to, even if it fails at that moment', async () => {
    const [reached, stopping] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    world.inDecision = async () => {
      reached.resolve()
      await stopping.promise
      await delay(1500) // until the activity knows
      throw new Error('context deadline exceeded')
    }
    const plan = planOf(await newRun(pool), files)
    const handle = await start(plan)
    await reached.promise
    const stopped = handle.executeUpdate(messages.stopMarketStreamUpdate, { args: [null] })
    stopping.resolve()
    expect(await stopped).toEqual({ run_id: plan.run_id })
    expect(await handle.result()).toMatchObject({ run_id: plan.run_id, ended: 'stopped' })
    world.inDecision = async () => {}
    await (await start(plan)).result()
    expect(comparable(await storedTicks(pool, plan.run_id))).toEqual(comparable(await ticksOfPlan(plan)))
  })

  it('never lets one bad product stop the others, and quarantines what is no tick', async () => {
    world.open = async (request) => spoiled(await openMarketSource(request))
    // A seed of its own, so that no source of another test is lent.
    const base = planOf(await newRun(pool), files)
    const plan = { ...base, source: { ...base.source, seed: 99 } }
    const expected = (await ticksOfPlan(plan)).filter((tick) => tick.product === 'BTC-USD')
    await (await start(plan)).result()
    const stored = await storedTicks(pool, plan.run_id)
    expect(comparable(stored)).toEqual(comparable(expected))
    expect(comparable(seen.matched)).toEqual(comparable(expected))
    const quarantined = await listQuarantinedTicks(pool, { runId: plan.run_id, limit: 1000 })
    expect(new Set(quarantined.map((tick) => tick.reason))).toEqual(
      new Set(['MALFORMED', 'DUPLICATE', 'ABSURD_PRICE', 'NON_POSITIVE_PRICE', 'UNKNOWN_PRODUCT']),
    )
    expect(await events(plan.run_id, 'tick_quarantined')).toHaveLength(quarantined.length)
    const notices = await events(plan.run_id, 'market_connection')
    expect(notices.map((event) => event.payload['type'])).toContain('sequence_gap')
  })

  it('judges a jump of the price the same, whether it was stopped in the middle of it or not', async () => {
    const jump = firstCandle + 20 * minute
    world.open = async (request) => jumping(await openMarketSource(request), jump)
    const withJump = async () => {
      const plan = planOf(await newRun(pool), files)
      return { ...plan, source: { ...plan.source, seed: 98 }, until: jump + 5 * minute }
    }
    const whole = await withJump()
    await (await start(whole)).result()
    const parted = await withJump()
    for (const until of [jump + 1, jump + 20_001, parted.until]) await (await start({ ...parted, until })).result()
    const stored = comparable(await storedTicks(pool, whole.run_id))
    expect(comparable(await storedTicks(pool, parted.run_id))).toEqual(stored)
    const expected = (await ticksOfPlan(whole)).length
    expect(stored).toHaveLength(expected - 4) // the first two ticks of each product are doubted, the third is believed
  })

  it('quarantines a tick that the database cannot hold and stores the others', async () => {
    const plan = planOf(await newRun(pool), files)
    const [first, second, , , third] = (await ticksOfPlan(plan)).filter((tick) => tick.product === 'BTC-USD') as [
      Tick,
      Tick,
      Tick,
      Tick,
      Tick,
    ]
    const huge = '9'.repeat(20)
    const good = [{ ...first, volume: huge }, { ...second, volume: huge }, third]
    const batch = { key: 'batch-1', good, quarantined: [], notices: [], marketTime: third.market_time }
    const stored = await storeBatch(pool, plan, batch)
    expect(stored.map((tick) => tick.market_time)).toEqual([first.market_time, third.market_time])
    expect(await storeBatch(pool, plan, batch)).toEqual(stored)
    expect(await storedTicks(pool, plan.run_id)).toHaveLength(2)
    expect(await listQuarantinedTicks(pool, { runId: plan.run_id })).toMatchObject([
      { reason: 'MALFORMED', market_time: second.market_time },
    ])
  })

  it('records what it refuses and what it is told once, however often a cycle is repeated, and at whatever time', async () => {
    const plan = planOf(await newRun(pool), files)
    const source = { ...(await openMarketSource(plan)), pace: 'stream' as const }
    const bad = { ...(await ticksOfPlan(plan))[0], price: 'NaN' } as RawTick
    const lost = { type: 'disconnected', detail: 'closed with code 1006' } as const
    const batch = { ticks: [bad, { ...bad, price: '0' }, bad], notices: [lost, lost], cursor: source.start + 1000, atEnd: false }
    for (const now of [source.start + 900, source.start + 2000, source.start + 2000]) {
      const deps = { ...feed, clock: { ...wallClock, now: () => now } }
      await runCycle(deps, { plan, source, check: startTickCheck(products), batch, from: source.start, isInstant: false })
    }
    await source.close()
    const quarantined = await listQuarantinedTicks(pool, { runId: plan.run_id })
    expect(quarantined.map(({ reason }) => reason).sort()).toEqual(['MALFORMED', 'MALFORMED', 'NON_POSITIVE_PRICE'])
    expect(await events(plan.run_id, 'tick_quarantined')).toHaveLength(3)
    expect(await events(plan.run_id, 'market_connection')).toHaveLength(2)
  })

  it('ends with the reason when its source cannot be opened', async () => {
    const plan = planOf(await newRun(pool), ['/nowhere/x_BTC-USD_1m.csv'])
    const failure = await (await start(plan)).result().catch((error: unknown) => error)
    const causes: string[] = []
    for (let cause = failure; cause instanceof Error; cause = cause.cause) causes.push(cause.message)
    expect(causes.join()).toContain('/nowhere/x_BTC-USD_1m.csv')
  })

  it('keeps the pace that the speed asks for', async () => {
    const runId = await newRun(pool, { market: 'simulated' })
    const source = { market: 'simulated' as const, files: [], seed: 3, speed: 120, spread_bps: 2, exchange: null }
    const fourSteps = 1_704_067_200_000 + 4 * 120_000
    const begun = Date.now()
    await (await start(planOf(runId, [], { source, until: fourSteps }))).result()
    const seconds = (Date.now() - begun) / 1000
    expect(seen.decided).toHaveLength(4)
    expect(seconds).toBeGreaterThan(3.9)
    expect(seconds).toBeLessThan(12)
  })
})

/** Every price is three times as high from a market time on. */
function jumping(source: MarketSource, from: number): MarketSource {
  const tripled = (price: unknown): string => String(3 * Number(price))
  return {
    ...source,
    next: async (request) => {
      const batch = await source.next(request)
      const ticks = batch.ticks.map((tick) =>
        Number(tick.market_time) < from
          ? tick
          : Object.assign({}, tick, { price: tripled(tick.price), bid: tripled(tick.bid), ask: tripled(tick.ask) }),
      )
      return { ...batch, ticks }
    },
  }
}

/** BTC-USD with repeated ticks, every other product with nothing that may price an order, and a message that is no tick. */
function spoiled(source: MarketSource): MarketSource {
  return {
    ...source,
    next: async (request) => {
      const batch = await source.next(request)
      const ticks = batch.ticks.flatMap((tick) => {
        if (tick.product === 'BTC-USD') return [tick, tick]
        return [
          { ...tick, price: '\0\ud800' },
          { ...tick, price: '-1' },
          { ...tick, price: '1000000' },
          { ...tick, product: '\0' },
        ]
      })
      const notices = [
        { type: 'malformed' as const, detail: 'no JSON', raw: '\0{' },
        { type: 'sequence_gap' as const, expected: 3, received: 5 },
      ]
      return { ...batch, ticks, notices }
    },
  }
}
