import type { WindowActivity } from '../../contract/evaluation.ts'
import { averageLoss, averageWin } from '../../metrics/average-win-loss.ts'
import { cashRatio } from '../../metrics/cash-ratio.ts'
import { concentration } from '../../metrics/concentration.ts'
import { entrySizes } from '../../metrics/entry-sizes.ts'
import { equitySamples } from '../../metrics/equity-series.ts'
import { lossStreak } from '../../metrics/loss-streak.ts'
import { closedTrades, type PerformanceReport, reportPerformance } from '../../metrics/performance-report.ts'
import { type RoundTrip, winsAndLosses } from '../../metrics/round-trips.ts'
import { tradeReturns } from '../../metrics/trade-returns.ts'
import { Decimal, decimal, sum, toText } from '../../money/decimal.ts'
import type { JudgeWindow } from './judge-window.ts'
import { tradingQuality } from './trading-quality.ts'
import { type TradeRecord, windowQuality } from './window-quality.ts'

const dayMs = 86_400_000

/** The figures of one window: what the scores, the triggers and the analysis start from. */
export interface WindowFacts {
  readonly report: PerformanceReport
  readonly activity: WindowActivity
  readonly tradeReturns: readonly number[]
  readonly equitySamples: number
  /** From the first equity sample within the window to the last, in ms. */
  readonly spanMs: number
  readonly tradingQuality: ReturnType<typeof tradingQuality>
  /** The deterministic quality of the closed trades, from 0 to 100. */
  readonly windowQuality: number
}

export function measureWindow(window: JudgeWindow): WindowFacts {
  const samples = equitySamples(window.equity).filter(({ marketTime }) => isInside(window, marketTime))
  const spanMs = (samples.at(-1)?.marketTime ?? 0) - (samples[0]?.marketTime ?? 0)
  const report = reportPerformance(window)
  const trips = closedTrades(window)
  const sizes = entrySizes(window.fills.filter(({ market_time }) => isInside(window, market_time)))
  const entriesPerDay = sizes.length / (Math.max(dayMs, window.end - window.start) / dayMs)
  const stopExits = countStops(window, trips)
  return {
    report,
    activity: { ...activityOf({ window, sizes, entriesPerDay }), stop_exits: stopExits, loss_streak: lossStreak(trips) },
    tradeReturns: tradeReturns(trips),
    equitySamples: samples.length,
    spanMs,
    tradingQuality: tradingQuality({ entriesPerDay, sizes: sizes.map((size) => size.toNumber()) }),
    windowQuality: windowQuality(recordOf({ report, trips, stopExits })),
  }
}

function activityOf({
  window,
  sizes,
  entriesPerDay,
}: {
  readonly window: JudgeWindow
  readonly sizes: readonly Decimal[]
  readonly entriesPerDay: number
}): Omit<WindowActivity, 'stop_exits' | 'loss_streak'> {
  const { decisions, portfolio, modelCalls } = window
  return {
    decisions: decisions.length,
    trade_decisions: decisions.filter(({ action }) => action === 'TRADE').length,
    holds: tally(decisions.flatMap(({ hold_reason }) => (hold_reason === null ? [] : [hold_reason]))),
    blocks: tally(decisions.flatMap(({ blocks }) => blocks)),
    entries: sizes.length,
    entries_per_day: entriesPerDay,
    average_entry: sizes.length === 0 ? null : toText(sum(sizes).div(sizes.length).toDecimalPlaces(8)),
    largest_entry: sizes.length === 0 ? null : toText(Decimal.max(...sizes)),
    model_calls: modelCalls.length,
    model_cost_usd: toText(sum(modelCalls.map(({ cost_usd }) => decimal(cost_usd)))),
    max_position_concentration: concentration(portfolio),
    cash_ratio: cashRatio(portfolio),
  }
}

function countStops({ orders }: JudgeWindow, trips: readonly RoundTrip[]): number {
  const stops = new Set(orders.filter(({ type }) => type === 'stop').map(({ order_id }) => order_id))
  return trips.filter(({ exitOrderId }) => stops.has(exitOrderId)).length
}

function recordOf({
  report,
  trips,
  stopExits,
}: {
  report: PerformanceReport
  trips: readonly RoundTrip[]
  stopExits: number
}): TradeRecord {
  const results = winsAndLosses(trips)
  const [win, loss] = [averageWin(results), averageLoss(results)]
  return {
    closedTrades: trips.length,
    winRate: report.win_rate,
    profitFactor: report.profit_factor,
    rewardToRisk: loss === null || loss.isZero() ? null : (win ?? decimal('0')).div(loss.abs()).toNumber(),
    lossStreak: lossStreak(trips),
    stopShare: trips.length === 0 ? 0 : stopExits / trips.length,
  }
}

function tally<Name extends string>(names: readonly Name[]): Partial<Record<Name, number>> {
  const counts: Partial<Record<Name, number>> = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return counts
}

function isInside({ start, end }: JudgeWindow, marketTime: number): boolean {
  return marketTime >= start && marketTime <= end
}
