import { parseArgs } from 'node:util'
import { dailyReports } from '@trader/core/backtest/daily-report'
import { type BacktestSettings, settingsOf } from '@trader/core/backtest/settings'
import { knownProducts } from '@trader/core/market/known-products'
import { defaultRiskLimits, type RiskLimits } from '@trader/core/risk/limits'
import { loadColumns } from '@trader/server/backtest/load-columns'
import { loadStrategy } from '@trader/server/backtest/load-strategy'
import { simulate } from '@trader/server/backtest/simulate'
import { v8Loop } from './v8-loop.ts'

// One row of bench/backtest.ts in a process of its own, so that no row's code is compiled for two strategies: ours and the V8 loop in
// turns, processor seconds of each, printed as one JSON line.

const { values: flags } = parseArgs({
  options: {
    data: { type: 'string', default: '' },
    size: { type: 'string', default: '1y' },
    strategy: { type: 'string', default: 'sma-cross' },
    fills: { type: 'string', default: 'reference' },
    limits: { type: 'string', default: 'off' },
    path: { type: 'string', default: 'auto' },
    days: { type: 'boolean', default: false },
    repeat: { type: 'string', default: '5' },
  },
})

/** So wide that none refuses, and every one is asked. */
const wide: RiskLimits = {
  ...defaultRiskLimits,
  max_position: 1,
  max_gross_exposure: 1,
  cash_reserve: 0,
  max_daily_loss: 1,
  daily_risk_budget: 1,
  max_orders_per_day: 100_000,
  min_notional: '0',
  cool_down_seconds: 0,
  duplicate_window_seconds: 0,
}

function settings(): BacktestSettings {
  const limits = flags.limits === 'off' ? null : flags.limits === 'wide' ? wide : defaultRiskLimits
  const config = {
    timeframe_ms: 60_000,
    from: 0,
    initial_cash: '100000',
    initial_allocations: {},
    taker_fee_bps: 1,
    maker_fee_bps: 1,
    spread_bps: 2,
    impact_bps: 10,
    max_participation: 0.1,
    fills: flags.fills === 'honest' ? ('honest' as const) : ('reference' as const),
    limits: limits === null ? ('off' as const) : ('default' as const),
    intrabar: 'path' as const,
    latency_bars: 0,
    min_hold_minutes: 0,
    flatten_daily: false,
    seed: 1,
  }
  return settingsOf(config, {
    products: knownProducts.filter(({ id }) => id === 'BTC-USD'),
    limits,
    priceBuffer: defaultRiskLimits.price_buffer,
  })
}

function cpuSeconds(work: () => void): number {
  const began = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(began)
  return (user + system) / 1e6
}

const { columns } = await loadColumns(`${flags.data}/BTC-USD-${flags.size}.csv`, { cacheDir: `${flags.data}/cache` })
const module = await loadStrategy(flags.strategy)
const chosen = settings()
const isOwnFile = flags.strategy.endsWith('.ts')
const result = { fills: 0, blocks: 0, final_equity: 0, days: 0 }

function ours(): void {
  const run = simulate({
    name: flags.strategy,
    module,
    // A share that the default limits let pass; the benchmark's where there are none.
    parameters: flags.limits === 'default' || module.parameters['fraction'] === undefined ? {} : { fraction: 0.95 },
    settings: chosen,
    columns: [columns],
    path: flags.path === 'event' ? 'event' : 'auto',
  })
  if (flags.days) result.days = dailyReports({ run, columns: [columns], settings: chosen }).length
  result.fills = run.fills.length
  result.blocks = run.blockCount
  result.final_equity = run.finalEquity
}

const measured: { v8: number[]; ours: number[] } = { v8: [], ours: [] }
const repeat = Number(flags.repeat)
// Until the compiler has settled; a year needs about ten runs.
const warmUps = columns.rows > 1e6 ? 3 : 12
for (let round = 0; round < repeat + warmUps; round += 1) {
  const v8 = cpuSeconds(() => void v8Loop(columns.open, columns.close, 0.0001))
  const own = cpuSeconds(ours)
  if (round < warmUps) continue
  measured.v8.push(v8)
  measured.ours.push(own)
}
process.stdout.write(
  `${JSON.stringify({ bars: columns.rows, isOwnFile, ...result, ...measured, peak_rss_mb: process.resourceUsage().maxRSS / 1024 })}\n`,
)
