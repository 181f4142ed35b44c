import type { Candle } from '@trader/core/contract/candle'
import type { MarketPlan } from '@trader/core/contract/market-messages'
import type { Run } from '@trader/core/contract/run'
import { candleTicks, notionalBefore } from '@trader/core/market/candle-ticks'
import { readCandleCsv, toCandle } from '@trader/core/market/candle-csv'
import { minuteMs } from '@trader/core/market/timeframe'
import { withTransaction } from '@trader/server/database/pool'
import { insertTicks } from '@trader/server/database/queries/insert-ticks'
import { openFeatureWindow, sendTicks } from '@trader/server/worker/feed/feature-signals'
import { demoMarket, historyMinutes } from '@trader/server/stack/demo/demo-market'
import { taskQueue, type TradingWorld } from './trading-world.ts'

const market = demoMarket()
export const product = market.product

/** The demo's market up to a minute of its rise at which the offline trader buys. */
const seenMinutes = historyMinutes + 20
const candles: readonly Candle[] = [...readCandleCsv({ file: market.fileName, lines: market.csv.split('\n') })]
  .slice(0, seenMinutes)
  .map((row) => toCandle(row, { product, timeframeMs: minuteMs }))

/** Market time at which that minute is over. */
export const decisionTime = (candles.at(-1)?.start ?? 0) + minuteMs

export function planOf(runId: string, changes: Partial<MarketPlan> = {}): MarketPlan {
  const limits = { continue_every: 3600, history_limit: 9000 }
  return {
    run_id: runId,
    book: 'paper',
    products: [product],
    source: { market: 'replay', files: [], seed: 1, speed: 'max', spread_bps: 2, exchange: null },
    nudge_seconds: 25,
    model: 'offline',
    historical_minutes: 60,
    until: null,
    stream_limits: limits,
    features: { window_seconds: 300, limits },
    ...changes,
  }
}

/** A new run that has just seen what makes the offline trader buy: its next decision places an order. */
export async function openBuyingRun({ client, pool, openRun }: TradingWorld): Promise<Run> {
  const [before, last] = candles.slice(-2)
  if (before === undefined || last === undefined) throw new Error('the market has too few candles')
  const run = await openRun({ market: 'replay', products: [product] }, decisionTime)
  const target = { client, taskQueue, plan: planOf(run.run_id), timeframeMs: minuteMs }
  const ticks = candleTicks(last, { quote: undefined, spreadBps: 2, lastMinuteNotional: notionalBefore(last.start, before) })
  await openFeatureWindow(target, product, candles.slice(0, -1))
  await withTransaction(pool, (db) => insertTicks(db, { runId: run.run_id, ticks }))
  await sendTicks(target, ticks)
  return run
}
