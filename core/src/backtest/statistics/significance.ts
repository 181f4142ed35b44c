import type { Significance } from '../../contract/backtest-studies.ts'
import { periodsPerYear } from '../../metrics/annualization.ts'
import { sharpeRatio } from '../../metrics/sharpe.ts'
import { deflatedSharpe, expectedMaxSharpe, trialSharpeVariance } from './deflated-sharpe.ts'
import { kurtosis, skewness } from './moments.ts'
import { probabilisticSharpe, type SharpeEstimate } from './probabilistic-sharpe.ts'
import type { RandomEntryTest } from './random-entry-test.ts'
import { bootstrapMean } from './stationary-bootstrap.ts'

export interface SignificanceInput {
  /** Returns of the strategy at equal distances, as fractions. */
  readonly returns: readonly number[]
  readonly periodMs: number
  /** Buy-and-hold's of the same periods; null where there is none to compare with. */
  readonly benchmarkReturns: readonly number[] | null
  /** Every parameter set that was tried, this one too, with its Sharpe ratio per year (null: it had none, and still counts). */
  readonly trialSharpes: readonly (number | null)[]
  readonly randomEntry: RandomEntryTest | null
  readonly seed: number
}

/** How likely a result is luck, in the contract's words. Sharpe ratios per year come in; what is compared inside is per period. */
export function significanceOf(input: SignificanceInput): Significance {
  const { returns, periodMs, randomEntry, seed } = input
  const trials = Math.max(1, input.trialSharpes.length)
  const perPeriod = Math.sqrt(periodsPerYear(periodMs))
  const sharpes = input.trialSharpes.filter((sharpe) => sharpe !== null).map((sharpe) => sharpe / perPeriod)
  const variance = trials === 1 ? 0 : trialSharpeVariance(sharpes)
  const estimate = estimateOf(returns, periodMs)
  const excess = excessOver(input.benchmarkReturns, returns)
  return {
    observations: returns.length,
    period_ms: periodMs,
    skewness: skewness(returns),
    kurtosis: kurtosis(returns),
    probabilistic_sharpe: estimate === null ? null : probabilisticSharpe({ ...estimate, threshold: 0 }),
    deflated_sharpe: estimate === null || variance === null ? null : deflatedSharpe({ estimate, trials, variance }),
    trials,
    trial_sharpe_variance: trials === 1 ? null : variance,
    expected_max_sharpe: variance === null ? null : expectedMaxSharpe({ trials, variance }),
    bootstrap: excess === null ? null : bootstrapMean({ excess, seed }),
    random_entry: randomEntry,
  }
}

function estimateOf(returns: readonly number[], periodMs: number): SharpeEstimate | null {
  const annual = sharpeRatio({ returns, periodMs })
  const [third, fourth] = [skewness(returns), kurtosis(returns)]
  if (annual === null || third === null || fourth === null) return null
  return { sharpe: annual / Math.sqrt(periodsPerYear(periodMs)), observations: returns.length, skewness: third, kurtosis: fourth }
}

function excessOver(benchmark: readonly number[] | null, returns: readonly number[]): number[] | null {
  if (benchmark === null) return null
  if (benchmark.length !== returns.length) throw new Error(`${returns.length} returns, but ${benchmark.length} of the benchmark`)
  return returns.map((value, period) => value - (benchmark[period] ?? 0))
}
