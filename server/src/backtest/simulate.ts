import type { Columns } from '@trader/core/backtest/columns'
import type { BacktestRun, RunHooks } from '@trader/core/backtest/run'
import { runBacktest } from '@trader/core/backtest/run-backtest'
import { type BacktestSettings } from '@trader/core/backtest/settings'
import type { StrategyModule } from '@trader/core/backtest/strategy'
import { StrategyError } from '@trader/core/backtest/strategy-error'
import { makeStrategy, type MadeStrategy } from '@trader/core/backtest/strategies/make-strategy'
import type { BacktestParameters } from '@trader/core/contract/backtest'
import { ExitError } from '../exit-code.ts'
import { strategyFailure } from './load-strategy.ts'

/** A strategy with its parameters, or the refusal of them. */
export function madeStrategy(options: {
  readonly module: StrategyModule
  readonly parameters: BacktestParameters
  readonly settings: Pick<BacktestSettings, 'products' | 'timeframeMs' | 'seed'>
}): Extract<MadeStrategy, { ok: true }> {
  const { module, parameters, settings } = options
  const made = makeStrategy({ module, given: parameters, ...settings })
  if (!made.ok) throw new ExitError('usage', made.detail)
  return made
}

/**
 * Simulates a strategy over candles: the one way from a strategy's name to a run, of `trader backtest run`, of the benchmark's contestant
 * and of every study. `name` is how the strategy was asked for.
 */
export function simulate(options: {
  readonly name: string
  readonly module: StrategyModule
  readonly parameters: BacktestParameters
  readonly settings: BacktestSettings
  readonly columns: readonly Columns[]
  readonly hooks?: RunHooks
  readonly path?: 'auto' | 'event'
}): BacktestRun {
  const { name, settings, columns, hooks, path } = options
  const { strategy } = madeStrategy(options)
  try {
    return runBacktest({ settings, columns, strategy, ...(hooks === undefined ? {} : { hooks }), ...(path === undefined ? {} : { path }) })
  } catch (error) {
    throw error instanceof StrategyError ? strategyFailure(error, name) : error
  }
}
