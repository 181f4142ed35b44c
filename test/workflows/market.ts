import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MarketPlan } from '@trader/core/contract/market-messages'
import type { Tick } from '@trader/core/contract/tick'
import { candleCsv } from '@trader/core/market/candle-csv'
import type { Pool } from '@trader/server/database/pool'
import { openRun } from '@trader/server/database/queries/open-run'
import { values } from '@trader/server/database/queries/value'
import { openMarketSource } from '@trader/server/exchange/open-market-source'

// What the tests of the market stream share: candle files, plans, and what a feed must have delivered.

export const firstCandle = 1_700_000_040_000
export const minute = 60_000
export const products = ['BTC-USD', 'ETH-USD']

/** A file of minute candles per product; every seventh minute is missing. */
export async function candleFiles(count: number): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'market-'))
  return Promise.all(
    products.map(async (product, which) => {
      const rows = Array.from({ length: count }, (_, index) => index)
        .filter((index) => index % 7 !== 3)
        .map((index) => {
          const [open, close] = [index, index + 1].map((at) => 100 * (which + 1) + Math.sin(at / 9)) as [number, number]
          const prices = [open, Math.max(open, close) + 0.2, Math.min(open, close) - 0.1, close, 5 + (index % 3)]
          return [firstCandle + index * minute, ...prices.map((value) => value.toFixed(4))].join(',')
        })
      const file = join(folder, `test_${product}_1m.csv`)
      await writeFile(file, [candleCsv.header, ...rows, ''].join('\n'))
      return file
    }),
  )
}

export function planOf(runId: string, files: readonly string[], changes: Partial<MarketPlan> = {}): MarketPlan {
  const limits = { continue_every: 3600, history_limit: 9000 }
  return {
    run_id: runId,
    book: 'paper',
    products,
    source: { market: 'replay', files: [...files], seed: 1, speed: 'max', spread_bps: 2, exchange: null },
    nudge_seconds: 25,
    model: 'offline',
    historical_minutes: 10,
    until: null,
    stream_limits: limits,
    features: { window_seconds: 300, limits },
    ...changes,
  }
}

let runs = 0

export async function newRun(pool: Pool, changes: { market?: 'replay' | 'simulated'; products?: string[] } = {}): Promise<string> {
  runs += 1
  const identity = { market: 'replay' as const, file_hashes: [], products, book: 'paper', seed: Date.now() + runs, ...changes }
  const { run } = await openRun(pool, {
    run_id: `run-${process.pid}-${runs}`,
    identity,
    starting_cash: '10000',
    market_time: firstCandle,
  })
  return run.run_id
}

/** Every tick that a plan's source has, in order. */
export async function ticksOfPlan(plan: MarketPlan): Promise<Tick[]> {
  const source = await openMarketSource(plan)
  const batch = await source.next({ cursor: source.start, until: plan.until ?? source.endsAt ?? source.start })
  await source.close()
  return batch.ticks as Tick[] // a replay's files were checked when they were opened
}

/** Stored ticks of a run in order of market time, then product. */
export function storedTicks(pool: Pool, runId: string): Promise<Tick[]> {
  return values(pool, 'select tick_json(t) as value from tick t where run_id = $1 order by market_time, product', [runId])
}

/** Decimal texts may be written in several ways. */
export function comparable(ticks: readonly Tick[]): Record<string, unknown>[] {
  return ticks
    .toSorted((left, right) => left.market_time - right.market_time || left.product.localeCompare(right.product))
    .map((tick) =>
      Object.fromEntries(Object.entries(tick).map(([name, value]) => [name, name === 'product' ? value : value && Number(value)])),
    )
}
