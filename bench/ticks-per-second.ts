import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Tick } from '@trader/core/contract/tick'
import { candleCsv } from '@trader/core/market/candle-csv'
import { addBatch, featuresOf, startFeatureWindow } from '@trader/core/market/feature-window'
import { seededRandom } from '@trader/core/market/seeded-random'
import { checkTicks } from '@trader/core/market/tick-check'
import { minuteMs } from '@trader/core/market/timeframe'
import { value } from '@trader/server/database/queries/value'
import { openMarketSource } from '@trader/server/exchange/open-market-source'
import { restoreTickCheck } from '@trader/server/worker/feed/restore-tick-check'
import type { MarketPlan } from '@trader/core/contract/market-messages'
import type { ComputeFeatureVectorWorkflow } from '@trader/workflows/compute-feature-vector'
import type { MarketStreamWorkflow } from '@trader/workflows/market-stream'
import { featureStatusQuery } from '@trader/workflows/messages'
import { featureId, marketStreamId } from '@trader/workflows/names'
import { planOf } from './support/buying-market.ts'
import { report, rounded, say } from './support/report.ts'
import { startTradingWorld, taskQueue, type TradingWorld } from './support/trading-world.ts'

// Ticks of 4 products per second: through the real feed (replay source, check, Postgres, feature workflows; no decisions, no orders)
// as fast as it goes, and through the pure functions alone.

const products = ['BTC-USD', 'ETH-USD', 'SOL-USD', 'ADA-USD']
const [historyMinutes, feedMinutes, pureMinutes] = [60, 600, 5000]
const begins = 1_709_251_200_000

/** Minute candles of a random walk per product. */
function writeFiles(folder: string, minutes: number): string[] {
  const random = seededRandom(1, 'bench ticks')
  return products.map((product, stream) => {
    let open = 1000
    const rows = Array.from({ length: minutes }, (_, minute) => {
      const close = open * (1 + 0.001 * random.gaussian(stream, minute))
      const prices = [open, Math.max(open, close) * 1.0002, Math.min(open, close) * 0.9998, close].map((price) => price.toFixed(2))
      open = Number(prices[3])
      return [begins + minute * minuteMs, ...prices, 25].join(',')
    })
    const file = join(folder, `bench_${product}_1m.csv`)
    writeFileSync(file, [candleCsv.header, ...rows, ''].join('\n'))
    return file
  })
}

function planFor(runId: string, files: readonly string[]): MarketPlan {
  const source = { market: 'replay' as const, files: [...files], seed: 1, speed: 'max' as const, spread_bps: 2, exchange: null }
  return planOf(runId, { products, source, historical_minutes: historyMinutes })
}

/** From the start of the stream until every feature workflow has folded the last tick. */
async function throughTheFeed(world: TradingWorld, files: readonly string[]): Promise<Record<string, number>> {
  const { run_id: runId } = await world.openRun({ market: 'replay', products }, begins)
  const began = performance.now()
  await world.client.workflow.execute<typeof MarketStreamWorkflow>('MarketStreamWorkflow', {
    workflowId: marketStreamId,
    taskQueue,
    args: [planFor(runId, files)],
  })
  const newest = Number(await value(world.pool, 'select max(market_time) as value from tick where run_id = $1', [runId]))
  for (const product of products) {
    const features = world.client.workflow.getHandle<typeof ComputeFeatureVectorWorkflow>(featureId(product))
    const status = await features.query(featureStatusQuery)
    if (status.last_tick_time !== newest) throw new Error(`${product} has seen ticks up to ${status.last_tick_time}, not ${newest}`)
  }
  const seconds = (performance.now() - began) / 1000
  const ticks = await value<number>(world.pool, 'select count(*)::int as value from tick where run_id = $1', [runId])
  return { ticks, ticks_per_second: rounded(ticks / seconds), cycles_per_second: rounded(feedMinutes / seconds) }
}

/** The same steps without a process, a database or a workflow around them: read, check, fold, and a feature vector per product and minute. */
async function inProcess(world: TradingWorld, files: readonly string[]): Promise<Record<string, number>> {
  const source = await openMarketSource({ ...planFor('pure', files), products })
  let check = await restoreTickCheck(world.pool, { runId: 'pure', products, cursor: source.start })
  let windows = products.map((product) => startFeatureWindow({ product, timeframeMs: minuteMs, windowSeconds: 300, history: [] }))
  let ticks = 0
  const began = performance.now()
  for (let cursor = source.start; cursor < (source.endsAt ?? 0); cursor += minuteMs) {
    const until = cursor + minuteMs
    const batch = await source.next({ cursor, until })
    const checked = checkTicks(check, batch.ticks, { clock: until, toleranceMs: 0 })
    check = checked.check
    const byProduct = Map.groupBy(checked.good, (tick: Tick) => tick.product)
    windows = windows.map((window) => addBatch(window, byProduct.get(window.product) ?? []))
    for (const window of windows) featuresOf(window, until)
    ticks += checked.good.length
  }
  const seconds = (performance.now() - began) / 1000
  await source.close()
  return { ticks, ticks_per_second: rounded(ticks / seconds) }
}

const folder = mkdtempSync(join(tmpdir(), 'bench-'))
const world = await startTradingWorld()
try {
  say('through the feed')
  const feed = await throughTheFeed(world, writeFiles(folder, historyMinutes + feedMinutes))
  say('in process')
  const pure = await inProcess(world, writeFiles(folder, historyMinutes + pureMinutes))
  report('ticks-per-second', { products: products.length, feed, in_process: pure })
} finally {
  await world.stop()
  rmSync(folder, { recursive: true })
}
