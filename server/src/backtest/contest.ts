import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { sliceColumns } from '@trader/core/backtest/columns'
import type { BacktestRun } from '@trader/core/backtest/run'
import { type BacktestSettings, settingsOf } from '@trader/core/backtest/settings'
import { knownProducts } from '@trader/core/market/known-products'
import { ExitError } from '../exit-code.ts'
import { loadColumns } from './load-columns.ts'
import { loadStrategy } from './load-strategy.ts'
import { simulate } from './simulate.ts'

/** Seconds of the clock and of the processor. */
interface Cost {
  readonly wall: number
  readonly cpu: number
}

/** The line that the benchmark's harness reads (`perf/run_all.py`). */
export interface ContestResult {
  readonly engine: string
  readonly version: string
  readonly fill: 'next_open'
  readonly lots: 'float'
  readonly bars: number
  readonly fills: number
  readonly final_equity: number
  readonly max_drawdown: number
  readonly load: Cost
  readonly core: readonly Cost[]
  /** Short runs before the measured ones, so that the code is compiled: the harness' own loop warms up by its many repeats. */
  readonly warm_up: number
}

const warmUpRuns = 8
const warmUpRows = 20_000

/**
 * Our side of the benchmark: the same loader, strategy module and `simulate` as `trader backtest run --strategy sma-cross`, on
 * `DATA/SYMBOL-SIZE.csv` with 100,000 in cash. Nothing else of the program is loaded.
 */
export async function runContest(argv: readonly string[]): Promise<ContestResult> {
  const options = contestOptions(argv)
  const loading = clock()
  const { columns } = await loadColumns(options.file, { cacheDir: options.cacheDir })
  const load = loading()
  const module = await loadStrategy(options.strategy)
  const settings = contestSettings(options, columns.product, columns.timeframeMs)
  const start = sliceColumns(columns, { from: 0, to: Math.min(warmUpRows, columns.rows) })
  const once = (candles: typeof columns): BacktestRun =>
    simulate({ name: options.strategy, module, parameters: {}, settings, columns: [candles], path: options.path })
  for (let run = 0; run < warmUpRuns; run += 1) once(start)
  const core: Cost[] = []
  let last: BacktestRun | null = null
  for (let run = 0; run < options.repeat; run += 1) {
    last = null
    const running = clock()
    last = once(columns)
    core.push(running())
  }
  if (last === null) throw new ExitError('usage', `--repeat must be at least 1, was ${options.repeat}`)
  return {
    engine: 'durable-crypto-agents',
    version: '0.1.0',
    fill: 'next_open',
    lots: 'float',
    bars: last.bars,
    fills: last.fills.length,
    final_equity: last.finalEquity,
    max_drawdown: last.maxDrawdown,
    load,
    core,
    warm_up: warmUpRuns,
  }
}

interface ContestOptions {
  readonly file: string
  readonly fee: number
  readonly repeat: number
  readonly strategy: string
  readonly cacheDir: string | null
  readonly path: 'auto' | 'event'
}

function contestOptions(argv: readonly string[]): ContestOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      data: { type: 'string', default: '.' },
      symbol: { type: 'string', default: 'BTC-USD' },
      size: { type: 'string', default: '20k' },
      fee: { type: 'string', default: '0.001' },
      repeat: { type: 'string', default: '1' },
      strategy: { type: 'string', default: 'sma-cross' },
      cache: { type: 'string' },
      path: { type: 'string', default: 'auto' },
    },
  })
  const fee = Number(values.fee)
  if (!(fee >= 0 && fee < 1)) throw new ExitError('usage', `--fee is a share of notional such as 0.001, was ${values.fee}`)
  return {
    file: join(values.data, `${values.symbol}-${values.size}.csv`),
    fee,
    repeat: Number(values.repeat),
    strategy: values.strategy,
    cacheDir: values.cache ?? null,
    path: values.path === 'event' ? 'event' : 'auto',
  }
}

function contestSettings({ fee }: ContestOptions, product: string, timeframeMs: number): BacktestSettings {
  const config = {
    timeframe_ms: timeframeMs,
    from: 0,
    initial_cash: '100000',
    initial_allocations: {},
    taker_fee_bps: fee * 10_000,
    maker_fee_bps: fee * 10_000,
    spread_bps: 0,
    impact_bps: 0,
    max_participation: 1,
    fills: 'reference' as const,
    limits: 'off' as const,
    intrabar: 'path' as const,
    latency_bars: 0,
    min_hold_minutes: 0,
    flatten_daily: false,
    seed: 1,
  }
  return settingsOf(config, { products: knownProducts.filter(({ id }) => id === product), limits: null, priceBuffer: 0 })
}

function clock(): () => Cost {
  const [began, processor] = [performance.now(), process.cpuUsage()]
  return () => {
    const { user, system } = process.cpuUsage(processor)
    return { wall: (performance.now() - began) / 1000, cpu: (user + system) / 1e6 }
  }
}
