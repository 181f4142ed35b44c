import type { Columns } from './columns.ts'
import { eventLoop } from './kernel/event-loop.ts'
import { signalLoop, suitsSignalLoop } from './kernel/signal-loop.ts'
import type { BacktestRun, RunHooks } from './run.ts'
import type { BacktestSettings } from './settings.ts'
import type { Strategy } from './strategy.ts'

export interface BacktestOptions {
  readonly settings: BacktestSettings
  /** One per product, of the settings' timeframe; warm-up candles before `settings.from` included. */
  readonly columns: readonly Columns[]
  readonly strategy: Strategy
  readonly hooks?: RunHooks
  /** `event` forces the full path where the short one would do; both give the same run. */
  readonly path?: 'auto' | 'event'
}

/**
 * Runs a strategy over candles. The one entrance: a rule that looks at candles alone, over one product, with reference fills and no
 * limits, takes the short path; everything else the event path. Pure: the same options give the same run.
 */
export function runBacktest({ settings, columns, strategy, hooks = {}, path = 'auto' }: BacktestOptions): BacktestRun {
  const options = { settings, columns, strategy, hooks }
  if (path === 'auto' && suitsSignalLoop(options)) return signalLoop(options)
  return eventLoop(options)
}
