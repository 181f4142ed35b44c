import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Columns } from '@trader/core/backtest/columns'
import { resultOf } from '@trader/core/backtest/result'
import type { BacktestRun, RunHooks } from '@trader/core/backtest/run'
import { type BacktestSettings, settingsOf } from '@trader/core/backtest/settings'
import { type BacktestConfig, type BacktestResult, type ResolvedBacktestConfig } from '@trader/core/contract/backtest'
import { findProduct, type Product, productAssets } from '@trader/core/market/product'
import { defaultRiskLimits, type RiskLimits } from '@trader/core/risk/limits'
import { ExitError } from '../exit-code.ts'
import { isPath, loadStrategy } from './load-strategy.ts'
import { loadColumns } from './load-columns.ts'
import { cutCandles, prepareCandles } from './prepare-candles.ts'
import { madeStrategy, simulate } from './simulate.ts'

/** A finished run: what a report is made of, and the result as it goes over wires. */
export interface FinishedBacktest {
  readonly run: BacktestRun
  readonly columns: readonly Columns[]
  readonly settings: BacktestSettings
  readonly result: BacktestResult
}

export interface RunFileOptions {
  readonly config: BacktestConfig
  /** Where parsed candles are kept; null: nowhere. */
  readonly cacheDir: string | null
  readonly hooks?: RunHooks
  readonly runId?: string
}

/** Loads candle files, simulates and reports; stores nothing. Every mistake of its user is one error that says what and where. */
export async function runFileBacktest({
  config,
  cacheDir,
  hooks,
  runId = newRunId(config.strategy),
}: RunFileOptions): Promise<FinishedBacktest> {
  const startedAt = Date.now()
  const began = performance.now()
  // A strategy that is not there is the quicker thing to find out.
  const module = await loadStrategy(config.strategy)
  const loaded = []
  for (const file of config.data) loaded.push(await loadColumns(file, { cacheDir }))
  const prepared = prepareCandles(loaded, config)
  const { fills = module.defaults?.fills ?? 'honest', limits = module.defaults?.limits ?? 'default' } = config
  const products = prepared.whole.map(({ product }) => product)
  const { timeframeMs, from, to } = prepared
  const open: ResolvedBacktestConfig = { ...config, products, timeframe_ms: timeframeMs, from, to, fills, limits }
  checkConfig(open)
  const table = limitsOf(config)
  const settings = settingsOf(open, {
    products: products.map(productRules),
    limits: limits === 'off' ? null : table,
    priceBuffer: table.price_buffer,
  })
  const { parameters, warmUp } = madeStrategy({ module, parameters: config.parameters, settings })
  const columns = cutCandles(prepared, warmUp)
  const ready = performance.now()

  const run = simulate({ name: config.strategy, module, parameters, settings, columns, ...(hooks === undefined ? {} : { hooks }) })
  const simulated = performance.now()

  const seconds = { load: (ready - began) / 1000, simulate: (simulated - ready) / 1000, report: 0 }
  const circumstances = {
    runId,
    config: { ...open, parameters },
    data: prepared.data,
    startedAt,
    completedAt: startedAt + Math.round(simulated - began),
    seconds,
  }
  const result = resultOf({ run, columns, settings, circumstances })
  const notes = products
    .filter((id) => findProduct(id) === undefined)
    .map((id) => `${id} is no product we know: increments of 0.00000001 assumed`)
  const reported = { ...seconds, report: (performance.now() - simulated) / 1000 }
  return { run, columns, settings, result: { ...result, notes: [...result.notes, ...notes], seconds: reported } }
}

/** Where parsed candles of a data directory are kept. */
export function candleCacheDir(dataDir: string): string {
  return join(dataDir, 'candle-cache')
}

/** Sorts by time, names the strategy, and cannot meet another. */
function newRunId(strategy: string): string {
  const name = isPath(strategy) ? 'file' : strategy
  const time = new Date().toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15)
  return `bt-${time}-${name.replace(/[^A-Za-z0-9-]/g, '-').slice(0, 40)}-${randomBytes(3).toString('hex')}`
}

/** The one table of limits with the config's own values in it. */
function limitsOf({ risk }: BacktestConfig): RiskLimits {
  const given = Object.fromEntries(Object.entries(risk).filter(([, value]) => value !== undefined))
  return { ...defaultRiskLimits, ...given }
}

/** A product that we do not know can still be tested on: with increments that hardly round. */
function productRules(id: string): Product {
  return (
    findProduct(id) ?? {
      id,
      ...productAssets(id),
      base_increment: '0.00000001',
      quote_increment: '0.00000001',
      min_notional: '1',
      group: 'newer',
      risk: 'very_high',
    }
  )
}

/** What single fields cannot say of each other. */
function checkConfig({ flatten_daily, timeframe_ms, initial_allocations, initial_cash, products }: ResolvedBacktestConfig): void {
  if (flatten_daily && timeframe_ms >= 86_400_000) throw new ExitError('usage', 'flatten-daily needs candles shorter than a day')
  const stranger = Object.keys(initial_allocations).find((product) => !products.includes(product))
  if (stranger !== undefined)
    throw new ExitError('usage', `there is an allocation for ${stranger}, which is not traded: ${products.join(', ')}`)
  const worth = Number(initial_cash) + Object.values(initial_allocations).reduce((sum, value) => sum + Number(value), 0)
  if (!(worth > 0)) throw new ExitError('usage', 'a backtest needs some cash or an allocation to begin with')
  const quotes = new Set(products.map((product) => productAssets(product).quote))
  if (quotes.size > 1)
    throw new ExitError('usage', `all products of a backtest must be quoted in one currency, found ${[...quotes].join(', ')}`)
}
