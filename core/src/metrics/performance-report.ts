import { performanceReport } from '../contract/evaluation.ts'
import type { VenueFill } from '../contract/fill.ts'
import { type Decimal, decimal, sum, toText } from '../money/decimal.ts'
import { annualizedReturn } from './annualized-return.ts'
import { averageLoss, averageWin } from './average-win-loss.ts'
import { calmarRatio } from './calmar.ts'
import { equityPerPeriod, equitySamples } from './equity-series.ts'
import { expectancy } from './expectancy.ts'
import { maxDrawdown } from './max-drawdown.ts'
import { profitFactor } from './profit-factor.ts'
import { periodReturns, totalReturn } from './returns.ts'
import { type RoundTrip, roundTrips, winsAndLosses } from './round-trips.ts'
import { sharpeRatio } from './sharpe.ts'
import { sortinoRatio } from './sortino.ts'
import { valueAtRisk95 } from './value-at-risk.ts'
import { volatility } from './volatility.ts'
import { winRate } from './win-rate.ts'
import type { z } from 'zod'

export type PerformanceReport = z.infer<typeof performanceReport>

export interface PerformanceInput {
  /** Every fill of the book up to `end`, from its first on, in order of time: an exit needs its entry. */
  readonly fills: readonly VenueFill[]
  /** Equity of the book as sampled; only what lies within the window counts. */
  readonly equity: readonly { readonly market_time: number; readonly equity: string }[]
  /** The window, start and end included, in ms. */
  readonly start: number
  readonly end: number
  /** Distance of the returns that Sharpe, Sortino, volatility and VaR are made of. */
  readonly periodMs: number
}

/** All statistics of one window. What is undefined (no trades, no variation, too short) is null. */
export function reportPerformance(input: PerformanceInput): PerformanceReport {
  const { fills, start, end, periodMs } = input
  const isInside = (time: number): boolean => time >= start && time <= end
  const samples = equitySamples(input.equity.filter((point) => isInside(point.market_time)))
  const returns = periodReturns(equityPerPeriod({ samples, periodMs }))
  const total = totalReturn(samples.map((sample) => sample.equity))
  const drawdown = maxDrawdown(samples)
  const spanMs = (samples.at(-1)?.marketTime ?? 0) - (samples[0]?.marketTime ?? 0)
  const annualized = annualizedReturn({ totalReturn: total, spanMs })
  const trips = closedTrades(input)
  const results = winsAndLosses(trips)
  return {
    start,
    end,
    total_return: total,
    annualized_return: annualized,
    volatility: volatility({ returns, periodMs }),
    sharpe: sharpeRatio({ returns, periodMs }),
    sortino: sortinoRatio({ returns, periodMs }),
    calmar: calmarRatio({ annualizedReturn: annualized, maxDrawdown: drawdown?.depth ?? null }),
    max_drawdown: drawdown?.depth ?? null,
    var_95: valueAtRisk95(returns),
    closed_trades: trips.length,
    win_rate: winRate(results),
    average_win: textOrNull(averageWin(results)),
    average_loss: textOrNull(averageLoss(results)),
    profit_factor: profitFactor(results),
    expectancy: textOrNull(expectancy(results)),
    fees: toText(sum(fills.filter((fill) => isInside(fill.market_time)).map((fill) => decimal(fill.fee)))),
  }
}

/** The trades that were closed within the window, by their last fill. */
export function closedTrades({ fills, start, end }: Pick<PerformanceInput, 'fills' | 'start' | 'end'>): RoundTrip[] {
  return roundTrips(fills.filter((fill) => fill.market_time <= end)).filter(({ closedAt }) => closedAt >= start && closedAt <= end)
}

/** An average of amounts, to the ledger's 8 decimals. */
function textOrNull(value: Decimal | null): string | null {
  return value === null ? null : toText(value.toDecimalPlaces(8))
}
