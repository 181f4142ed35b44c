import type { Client } from '@temporalio/client'
import type { TestWorkflowEnvironment } from '@temporalio/testing'
import { Worker } from '@temporalio/worker'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Candle } from '@trader/core/contract/candle'
import type { ContinueLimits, OpenWindow } from '@trader/core/contract/market-messages'
import type { Tick } from '@trader/core/contract/tick'
import { addBatch, featuresOf, historicalTicks, startFeatureWindow } from '@trader/core/market/feature-window'
import { ComputeFeatureVectorWorkflow } from '@trader/workflows/compute-feature-vector'
import * as messages from '@trader/workflows/messages'
import { featureId } from '@trader/workflows/names'
import { startTemporal } from '../support/temporal.ts'

const taskQueue = 'features'
const suggestNewRunAfter = 50
const start = 1_700_000_040_000
const minute = 60_000
const noLimits = { continue_every: 100_000, history_limit: 100_000 }

let temporal: TestWorkflowEnvironment
let client: Client
let worker: Worker
let running: Promise<void>

beforeAll(async () => {
  temporal = await startTemporal({ suggestNewRunAfter })
  client = temporal.client
  const workflowsPath = new URL('../../workflows/src/index.ts', import.meta.url).pathname
  worker = await Worker.create({ connection: temporal.nativeConnection, taskQueue, workflowsPath })
  running = worker.run()
})
afterAll(async () => {
  worker.shutdown()
  await running
  await temporal.teardown()
})

/** One tick a second. */
function tickAt(second: number, product: string): Tick {
  const price = 1000 + 10 * Math.sin(second / 40)
  return {
    product,
    market_time: start + second * 1000,
    price: price.toFixed(2),
    bid: (price - 0.1).toFixed(2),
    ask: (price + 0.1).toFixed(2),
    volume: '0.12345678',
    candle_volume: '12.12345678',
    last_minute_notional: '123456.12345678',
  }
}

const ticksOf = (product: string, count: number): Tick[] => Array.from({ length: count }, (_, second) => tickAt(second, product))

function candles(product: string, count: number): Candle[] {
  return Array.from({ length: count }, (_, index) => {
    const close = String(990 + (index % 7))
    const first = start - (count - index) * minute
    return { product, start: first, timeframe_ms: minute, open: '993.12', high: '1001.5', low: '985.25', close, volume: '12.12345678' }
  })
}

function openingOf(product: string, changes: Partial<OpenWindow> & { limits?: ContinueLimits; window_seconds?: number } = {}): OpenWindow {
  const { limits = noLimits, window_seconds = 300, ...rest } = changes
  return { run_id: 'run-1', product, settings: { timeframe_ms: minute, window_seconds, limits }, history: [], ...rest }
}

const open = (opening: OpenWindow) =>
  client.workflow.start(ComputeFeatureVectorWorkflow, { workflowId: featureId(opening.product), taskQueue, args: [{ opening }] })

const windowFrom = ({ product, settings, history }: OpenWindow) =>
  startFeatureWindow({ product, timeframeMs: minute, windowSeconds: settings.window_seconds, history })

/** The runs of a workflow, oldest first: how many, and how many events the longest had. */
async function runsOf(workflowId: string): Promise<{ runs: number; mostEvents: number; largestInput: number }> {
  let [runs, mostEvents, largestInput] = [0, 0, 0]
  let runId: string | undefined =
    (await client.workflow.getHandle(workflowId).describe()).raw.workflowExecutionInfo?.firstRunId ?? undefined
  while (runId !== undefined) {
    const { events = [] } = await client.workflow.getHandle(workflowId, runId).fetchHistory()
    runs += 1
    mostEvents = Math.max(mostEvents, events?.length ?? 0)
    const input = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? []
    largestInput = Math.max(largestInput, ...input.map((payload) => payload.data?.length ?? 0))
    runId = events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId ?? undefined
  }
  return { runs, mostEvents, largestInput }
}

/** Signals every tick in batches as fast as the server takes them, some batches twice. */
async function stream(product: string, ticks: readonly Tick[], perBatch: number): Promise<void> {
  const handle = client.workflow.getHandle(featureId(product))
  for (let from = 0; from < ticks.length; from += perBatch) {
    const batch = { run_id: 'run-1', product, ticks: ticks.slice(from, from + perBatch) }
    await handle.signal(messages.tickBatchSignal, batch)
    if (from % 3 === 0) await handle.signal(messages.tickBatchSignal, batch)
  }
}

describe('the features of a product', () => {
  it.each([
    { name: 'cycles', product: 'BTC-USD', limits: { ...noLimits, continue_every: 12 } },
    { name: 'history events', product: 'ETH-USD', limits: { ...noLimits, history_limit: 60 } },
    { name: "the server's suggestion", product: 'SOL-USD', limits: noLimits },
  ])('lose and double no tick across the change to a new run, forced by $name', async ({ product, limits }) => {
    const opening = openingOf(product, { limits, window_seconds: 1000, history: candles(product, 60) })
    const ticks = ticksOf(product, 240)
    const handle = await open(opening)
    await stream(product, ticks, 2)

    const expected = addBatch(windowFrom(opening), ticks)
    expect(await handle.query(messages.historicalTicksQuery, 0)).toEqual(historicalTicks(expected))
    expect(await handle.query(messages.featureVectorQuery, null)).toEqual(featuresOf(expected, start + 239_001))
    expect(await handle.query(messages.latestPriceQuery)).toMatchObject({
      product,
      market_time: start + 239_000,
      price: ticks.at(-1)?.price,
    })
    const { runs, mostEvents } = await runsOf(featureId(product))
    expect(runs).toBeGreaterThan(2)
    expect(mostEvents).toBeLessThan(suggestNewRunAfter + 100)
    expect((await handle.query(messages.featureStatusQuery)).dropped).toEqual({ count: 0, last_reason: null })
  })

  it('hand less than 64 kB to the next run for a typical window', async () => {
    const product = 'ADA-USD'
    const handle = await open(openingOf(product, { limits: { ...noLimits, continue_every: 3 }, history: candles(product, 120) }))
    await stream(product, ticksOf(product, 600), 200)
    expect(await handle.query(messages.featureStatusQuery)).toMatchObject({ ticks: 300, candles: 120 })
    const { runs, largestInput } = await runsOf(featureId(product))
    expect(runs).toBeGreaterThan(1)
    expect(largestInput).toBeGreaterThan(10_000)
    expect(largestInput).toBeLessThan(64_000)
  })

  it('drop what is no message, say why and go on', async () => {
    const product = 'XRP-USD'
    const handle = await open(openingOf(product))
    for (const garbage of [
      null,
      7,
      'tick',
      [],
      { run_id: 'run-1' },
      { run_id: 'run-1', product, ticks: [{ ...tickAt(1, product), price: 'NaN' }] },
    ]) {
      await handle.signal('tick_batch', garbage)
      await handle.signal('open_window', garbage)
      await handle.signal('missed_candles', garbage)
    }
    await handle.signal('tick_batch')
    await handle.signal(messages.tickBatchSignal, { run_id: 'run-1', product: 'BTC-USD', ticks: [tickAt(2, 'BTC-USD')] })
    await handle.signal(messages.tickBatchSignal, { run_id: 'run-1', product, ticks: [tickAt(3, product)] })
    const status = await handle.query(messages.featureStatusQuery)
    expect(status).toMatchObject({ ticks: 1, last_tick_time: start + 3000, dropped: { count: 20 } })
    expect(status.dropped.last_reason).toContain('BTC-USD')
  })

  it('begin again for another run and keep what they have for the same one', async () => {
    const product = 'DOGE-USD'
    const handle = await open(openingOf(product, { history: candles(product, 10) }))
    await handle.signal(messages.tickBatchSignal, { run_id: 'run-1', product, ticks: ticksOf(product, 3) })
    await handle.signal(messages.openWindowSignal, openingOf(product, { history: candles(product, 10) }))
    expect(await handle.query(messages.featureStatusQuery)).toMatchObject({ run_id: 'run-1', ticks: 3, candles: 10 })

    await handle.signal(messages.openWindowSignal, openingOf(product, { run_id: 'run-2', history: candles(product, 5) }))
    await handle.signal(messages.tickBatchSignal, { run_id: 'run-1', product, ticks: ticksOf(product, 4) })
    const status = await handle.query(messages.featureStatusQuery)
    expect(status).toMatchObject({ run_id: 'run-2', ticks: 0, candles: 5, dropped: { count: 1 } })
    expect(await handle.query(messages.latestPriceQuery)).toBeNull()
  })

  it('take their history later, where they began without it', async () => {
    const product = 'XLM-USD'
    const handle = await open(openingOf(product))
    await handle.signal(messages.tickBatchSignal, { run_id: 'run-1', product, ticks: ticksOf(product, 3) })
    expect(await handle.query(messages.featureVectorQuery, start + minute)).toMatchObject({ candles_used: 1 })
    await handle.signal(messages.openWindowSignal, openingOf(product, { history: candles(product, 10) }))
    expect(await handle.query(messages.featureVectorQuery, start + minute)).toMatchObject({ candles_used: 11 })
    expect(await handle.query(messages.featureStatusQuery)).toMatchObject({ ticks: 3, dropped: { count: 0 } })
  })

  it('take the candles of a time they missed', async () => {
    const product = 'LTC-USD'
    const handle = await open(openingOf(product, { history: candles(product, 10) }))
    const missed = candles(product, 3).map((candle) => Object.assign(candle, { start: candle.start + 3 * minute }))
    await handle.signal(messages.missedCandlesSignal, { run_id: 'run-1', product, candles: missed })
    expect(await handle.query(messages.featureVectorQuery, null)).toMatchObject({ candles_used: 13, market_time: start + 3 * minute })
    await handle.signal(
      messages.openWindowSignal,
      openingOf(product, { history: candles(product, 1).map((candle) => Object.assign(candle, { start: start + 3 * minute })) }),
    )
    expect(await handle.query(messages.featureVectorQuery, null)).toMatchObject({ candles_used: 14 })
  })
})
