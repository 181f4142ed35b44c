import type { BacktestData, BacktestResult, ResolvedBacktestConfig } from '../contract/backtest.ts'
import { amountText } from './amount-text.ts'
import { buyAndHoldBenchmark } from './buy-and-hold-benchmark.ts'
import type { Columns } from './columns.ts'
import { blockCounts, dailyReports } from './daily-report.ts'
import { figuresOf } from './figures.ts'
import type { BacktestRun } from './run.ts'
import type { BacktestSettings } from './settings.ts'

/** What the caller knows of a run besides the run itself. Times in ms of the wall clock, durations in seconds. */
export interface RunCircumstances {
  readonly runId: string
  readonly config: ResolvedBacktestConfig
  readonly data: readonly BacktestData[]
  readonly startedAt: number
  readonly completedAt: number
  readonly seconds: BacktestResult['seconds']
}

/** A run as its result goes over every wire. */
export function resultOf(options: {
  readonly run: BacktestRun
  readonly columns: readonly Columns[]
  readonly settings: BacktestSettings
  readonly circumstances: RunCircumstances
}): BacktestResult {
  const { run, circumstances } = options
  const { config, seconds } = circumstances
  const realized = run.positions.reduce((total, { realizedPnl }) => total + realizedPnl, 0)
  const unrealized = run.positions.reduce((total, { marketValue, costBasis, entryFees }) => total + marketValue - costBasis - entryFees, 0)
  return {
    run_id: circumstances.runId,
    config,
    data: [...circumstances.data],
    notes: notesOf(config),
    ...figuresOf(run),
    realized_pnl: amountText(realized),
    unrealized_pnl: amountText(unrealized),
    positions: run.positions
      .filter(({ quantity }) => quantity > 0)
      .map(({ product, quantity, marketValue }) => ({ product, quantity: amountText(quantity), market_value: amountText(marketValue) })),
    open_orders: run.openOrders,
    blocks: blockCounts(run.days),
    bars: run.bars,
    warm_up_bars: run.warmUpInstants,
    bars_per_second: seconds.simulate > 0 ? Math.round(run.bars / seconds.simulate) : 0,
    seconds,
    started_at: circumstances.startedAt,
    completed_at: circumstances.completedAt,
    daily_reports: dailyReports(options),
    benchmarks: [buyAndHoldBenchmark(options)],
    significance: null,
    agent: null,
  }
}

/** What flatters a run, said wherever its figures are. */
function notesOf({ fills, limits }: ResolvedBacktestConfig): string[] {
  const notes: string[] = []
  if (fills === 'reference') notes.push('reference fills: at the open, without spread, impact, volume limit or rounding')
  if (limits === 'off') notes.push('limits off: only what cannot be was refused')
  return notes
}
