import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { amountText } from '@trader/core/backtest/amount-text'
import { closedTrades, roundTripOf } from '@trader/core/backtest/closed-trades'
import type { RunBlock, RunFill } from '@trader/core/backtest/run'
import {
  backtestBlock,
  type BacktestBlock,
  backtestFill,
  type BacktestFill,
  backtestRoundTrip,
} from '@trader/core/contract/backtest-trades'
import { type BacktestResult, backtestResult, type BacktestSummary } from '@trader/core/contract/backtest'
import { ExitError } from '../exit-code.ts'
import { csvText } from './csv-text.ts'
import { equityPoints } from './equity-points.ts'
import type { FinishedBacktest } from './run-file-backtest.ts'

// A run's files: result.json, fills.csv, round-trips.csv, blocks.csv and equity.csv under DATA_DIR/backtests/<run id>/.

const runIdForm = /^[A-Za-z0-9][A-Za-z0-9_.:-]{0,199}$/

export function backtestsDir(dataDir: string): string {
  return join(dataDir, 'backtests')
}

/** Stores a finished run: all its files appear at once, or none. Answers their directory. */
export function storeBacktest(dataDir: string, finished: FinishedBacktest): string {
  const { run, result } = finished
  const directory = directoryOf(dataDir, result.run_id)
  const beside = `${directory}.${process.pid}.part`
  mkdirSync(beside, { recursive: true })
  try {
    const write = (name: string, text: string): void => writeFileSync(join(beside, name), text)
    write('fills.csv', csvText(fillColumns, Array.from(run.fills, fillRow)))
    write('round-trips.csv', csvText(roundTripColumns, closedTrades(run).map(roundTripOf)))
    write('blocks.csv', csvText(blockColumns, run.blocks.map(blockRow)))
    write('equity.csv', csvText(['market_time', 'equity', 'drawdown'], equityPoints(run)))
    write('result.json', `${JSON.stringify(result, null, 1)}\n`)
    renameSync(beside, directory)
  } catch (error) {
    rmSync(beside, { recursive: true, force: true })
    throw error
  }
  return directory
}

/** The result of a stored run; refused where there is none of this id. */
export function readBacktest(dataDir: string, runId: string): BacktestResult {
  const path = join(directoryOf(dataDir, runId), 'result.json')
  if (!existsSync(path))
    throw new ExitError('failed', `there is no backtest ${runId} in ${backtestsDir(dataDir)}; \`trader backtest list\` shows what is there`)
  return backtestResult.parse(JSON.parse(readFileSync(path, 'utf8')))
}

/** Every stored run, the newest first. */
export function listBacktests(dataDir: string): BacktestSummary[] {
  const parent = backtestsDir(dataDir)
  if (!existsSync(parent)) return []
  const ids = readdirSync(parent).filter((name) => existsSync(join(parent, name, 'result.json')))
  return ids.map((id) => summaryOf(readBacktest(dataDir, id))).sort((a, b) => b.started_at - a.started_at)
}

export function deleteBacktest(dataDir: string, runId: string): void {
  readBacktest(dataDir, runId)
  rmSync(directoryOf(dataDir, runId), { recursive: true })
}

/** One row of a list. */
export function summaryOf(result: BacktestResult): BacktestSummary {
  const { config } = result
  return {
    run_id: result.run_id,
    label: config.label ?? null,
    status: 'completed',
    strategy: config.strategy,
    parameters: config.parameters,
    products: config.products,
    timeframe_ms: config.timeframe_ms,
    from: config.from,
    to: config.to,
    started_at: result.started_at,
    completed_at: result.completed_at,
    initial_equity: result.initial_equity,
    final_equity: result.final_equity,
    return_pct: result.return_pct,
    buy_and_hold_return_pct: result.benchmarks.find(({ name }) => name === 'buy-and-hold')?.return_pct ?? null,
    max_drawdown: result.max_drawdown,
    sharpe: result.sharpe,
    win_rate: result.win_rate,
    fills: result.fills,
    trades: result.trades,
    fees: result.fees,
    bars: result.bars,
    bars_per_second: result.bars_per_second,
    error: null,
  }
}

function directoryOf(dataDir: string, runId: string): string {
  if (!runIdForm.test(runId)) throw new ExitError('usage', `a backtest's id has letters, digits and . _ : -, was ${runId.slice(0, 100)}`)
  return join(backtestsDir(dataDir), runId)
}

const fillColumns = Object.keys(backtestFill.shape)
const roundTripColumns = Object.keys(backtestRoundTrip.shape)
const blockColumns = Object.keys(backtestBlock.shape)

function fillRow(fill: RunFill): BacktestFill {
  return {
    market_time: fill.marketTime,
    order: fill.order,
    trade: fill.trade,
    product: fill.product,
    side: fill.side,
    type: fill.type,
    quantity: amountText(fill.quantity),
    price: amountText(fill.price),
    notional: amountText(fill.notional),
    fee: amountText(fill.fee),
    liquidity: fill.liquidity,
    realized_pnl: amountText(fill.realizedPnl),
    position_after: amountText(fill.positionAfter),
    cash_after: amountText(fill.cashAfter),
    reason: fill.reason,
  }
}

function blockRow({ marketTime, product, side, type, notional, reason, detail }: RunBlock): BacktestBlock {
  return { market_time: marketTime, product, side, type, notional: amountText(notional), reason, detail }
}
