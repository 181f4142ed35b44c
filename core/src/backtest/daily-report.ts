import type { BlockCounts, DailyReport } from '../contract/backtest-trades.ts'
import { amountText } from './amount-text.ts'
import { type Columns, firstRowFrom } from './columns.ts'
import { dayMs, type DayTally } from './kernel/day-tally.ts'
import type { BacktestRun } from './run.ts'
import type { BacktestSettings } from './settings.ts'
import { utcDate } from './utc-date.ts'

interface DayContext {
  readonly run: BacktestRun
  readonly columns: readonly Columns[]
  readonly settings: BacktestSettings
}

/** What a day's fills came to; the products' numbers by their place. */
interface DayFills {
  count: number
  realized: number
  fees: number
  readonly spent: Float64Array
  trades: number
  wins: number
}

/**
 * One report per UTC day with candles. A day is the candles that start in it, so its last instant is midnight; what is decided at
 * midnight counts to the day that begins. The days' equity changes add up to the run's.
 */
export function dailyReports(context: DayContext): DailyReport[] {
  const { run, columns } = context
  const { equity } = run
  const fills = fillsByDay(run, columns)
  const tallies = new Map(run.days.map((tally) => [tally.day, tally]))
  const held = run.initialPositions.map(({ quantity }) => quantity)
  let values = run.initialPositions.map(({ cost }) => cost)
  let startEquity = run.initialEquity
  const reports: DailyReport[] = []
  let nextFill = 0
  for (let instant = 0; instant < run.starts.length;) {
    const day = dayOf(run.starts[instant]!)
    const end = firstRowFrom({ start: run.starts, rows: run.starts.length }, day + dayMs)
    for (; nextFill < run.fills.length && run.fills.number(nextFill, 'marketTime') < day + dayMs; nextFill += 1) {
      held[run.fills.productIndex(nextFill)] = run.fills.number(nextFill, 'positionAfter')
    }
    const endValues = columns.map((each, index) => valueAt(each, held[index]!, day + dayMs))
    const endEquity = end === run.starts.length ? run.finalEquity : equity[end - 1]!
    const maxDrawdown = drawdownOf(equity, { from: instant, to: end, startEquity })
    const trade = fills.get(day) ?? noFills(columns.length)
    reports.push(reportOf(context, { day, startEquity, endEquity, maxDrawdown, trade, values, endValues, tally: tallies.get(day) }))
    values = endValues
    startEquity = endEquity
    instant = end
  }
  return reports
}

function reportOf(
  { columns, settings }: DayContext,
  figures: {
    readonly day: number
    readonly startEquity: number
    readonly endEquity: number
    readonly maxDrawdown: number
    readonly trade: DayFills
    readonly values: readonly number[]
    readonly endValues: readonly number[]
    readonly tally: DayTally | undefined
  },
): DailyReport {
  const { day, startEquity, endEquity, maxDrawdown, trade, values, endValues, tally } = figures
  const change = endEquity - startEquity
  return {
    date: utcDate(day),
    start_equity: amountText(startEquity),
    end_equity: amountText(endEquity),
    return_pct: startEquity > 0 ? (change / startEquity) * 100 : 0,
    max_drawdown: maxDrawdown,
    orders: tally?.orders ?? 0,
    fills: trade.count,
    trades: trade.trades,
    wins: trade.wins,
    realized_pnl: amountText(trade.realized),
    unrealized_change: amountText(change - trade.realized),
    fees: amountText(trade.fees),
    product_pnl: byProduct(columns, (index) => amountText(endValues[index]! - values[index]! - trade.spent[index]!)),
    blocks: blockCounts(tally === undefined ? [] : [tally]),
    risk_budget: settings.limits === null ? null : riskBudget(tally, startEquity, settings.limits.daily_risk_budget),
    positions_end: Object.fromEntries(
      columns.flatMap(({ product }, index) => (endValues[index]! > 0 ? [[product, amountText(endValues[index]!)]] : [])),
    ),
    decisions: null,
    model_calls: null,
    model_cost_usd: null,
    judge_notes: null,
  }
}

/** Refusals of some days by reason. */
export function blockCounts(days: readonly DayTally[]): BlockCounts {
  const counts: BlockCounts = {}
  for (const { blocks } of days) for (const [reason, count] of blocks) counts[reason] = (counts[reason] ?? 0) + count
  return counts
}

function riskBudget(tally: DayTally | undefined, startEquity: number, share: number) {
  const total = (tally?.startEquity ?? startEquity) * share
  const used = tally?.riskUsed ?? 0
  return { total: amountText(total), used: amountText(used), utilization_pct: total > 0 ? (used / total) * 100 : null }
}

function fillsByDay(run: BacktestRun, columns: readonly Columns[]): Map<number, DayFills> {
  const days = new Map<number, DayFills>()
  const at = (time: number): DayFills => {
    const day = dayOf(time)
    const found = days.get(day) ?? noFills(columns.length)
    days.set(day, found)
    return found
  }
  for (let row = 0; row < run.fills.length; row += 1) {
    const day = at(run.fills.number(row, 'marketTime'))
    const [notional, fee] = [run.fills.number(row, 'notional'), run.fills.number(row, 'fee')]
    day.count += 1
    day.realized += run.fills.number(row, 'realizedPnl')
    day.fees += fee
    // What the product took out of the cash: cost and fee, less what it brought.
    day.spent[run.fills.productIndex(row)]! += run.fills.sideAt(row) === 'BUY' ? notional + fee : fee - notional
  }
  countTrades(run, at)
  return days
}

/** Closed trades by the day of their last fill: what `closedTrades` counts, without a look at their cost. */
function countTrades({ fills }: BacktestRun, at: (time: number) => DayFills): void {
  let mostOrders = 0
  for (let row = 0; row < fills.length; row += 1) mostOrders = Math.max(mostOrders, fills.orderAt(row))
  const realized = new Float64Array(mostOrders + 1)
  const closedAt = new Float64Array(mostOrders + 1)
  for (let row = 0; row < fills.length; row += 1) {
    if (fills.sideAt(row) === 'BUY') continue
    const order = fills.orderAt(row)
    realized[order] = realized[order]! + fills.number(row, 'realizedPnl')
    closedAt[order] = fills.number(row, 'marketTime')
  }
  for (let order = 1; order <= mostOrders; order += 1) {
    if (closedAt[order] === 0) continue
    const day = at(closedAt[order]!)
    day.trades += 1
    if (realized[order]! > 0) day.wins += 1
  }
}

function noFills(products: number): DayFills {
  return { count: 0, realized: 0, fees: 0, spent: new Float64Array(products), trades: 0, wins: 0 }
}

/** Value of a quantity at the last close before a time; 0 before the first candle of a product that is not held. */
function valueAt(columns: Columns, quantity: number, time: number): number {
  if (quantity === 0) return 0
  return quantity * (columns.close[firstRowFrom(columns, time) - 1] ?? 0)
}

/** Largest fall from a running peak that begins at the day's start. */
function drawdownOf(equity: Float64Array, { from, to, startEquity }: { from: number; to: number; startEquity: number }): number {
  // A result of arithmetic stays a double in a register; so do the sums made from it.
  let peak = Math.max(0, startEquity)
  let drawdown = 0
  for (let instant = from; instant < to; instant += 1) {
    const value = equity[instant]!
    if (value > peak) peak = value
    else if (peak - value > drawdown * peak) drawdown = (peak - value) / peak
  }
  return Math.min(1, drawdown)
}

function byProduct(columns: readonly Columns[], text: (index: number) => string): Record<string, string> {
  return Object.fromEntries(columns.map(({ product }, index) => [product, text(index)]))
}

function dayOf(time: number): number {
  return Math.floor(time / dayMs) * dayMs
}
