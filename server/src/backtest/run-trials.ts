import { Worker } from 'node:worker_threads'
import type { Columns } from '@trader/core/backtest/columns'
import type { BacktestSettings } from '@trader/core/backtest/settings'
import type { StrategyModule } from '@trader/core/backtest/strategy'
import { trialFiguresOf } from '@trader/core/backtest/trial-figures'
import type { BacktestParameters } from '@trader/core/contract/backtest'
import type { TrialFigures } from '@trader/core/contract/backtest-studies'
import { describeError } from '../exit-code.ts'
import { loadStrategy } from './load-strategy.ts'
import { shareColumns, type SharedColumns } from './shared-columns.ts'
import { simulate } from './simulate.ts'

/** One set of parameters that was tried: its figures, or why it could not be. */
export interface Trial {
  readonly index: number
  readonly figures: TrialFigures | null
  readonly error: string | null
}

/** What a thread needs to try parameter sets; everything in it can be sent to one. */
export interface TrialWork {
  readonly strategy: string
  readonly settings: BacktestSettings
  readonly columns: readonly SharedColumns[]
  readonly sets: readonly BacktestParameters[]
  /** The next set that nobody has taken, one number shared by all threads. */
  readonly next: Int32Array
}

export interface TrialOptions {
  /** A name of the library, or a path. */
  readonly strategy: string
  readonly settings: BacktestSettings
  readonly columns: readonly Columns[]
  readonly sets: readonly BacktestParameters[]
  readonly threads: number
  readonly onTrial?: (trial: Trial) => void
}

/** Tries many parameter sets over the same candles, on as many threads as asked for. The trials come back in the order of the sets. */
export async function runTrials(options: TrialOptions): Promise<Trial[]> {
  const { strategy, settings, sets, onTrial } = options
  const threads = Math.min(options.threads, sets.length)
  const trials: Trial[] = []
  const take = (trial: Trial): void => {
    trials[trial.index] = trial
    onTrial?.(trial)
  }
  const module = await loadStrategy(strategy)
  if (threads <= 1) {
    for (const index of sets.keys()) take(runTrial({ ...options, module, index }))
    return trials
  }
  const columns = options.columns.map(shareColumns)
  const next = new Int32Array(new SharedArrayBuffer(4))
  const work: TrialWork = { strategy, settings, columns, sets, next }
  await Promise.all(Array.from({ length: threads }, () => runThread(work, take)))
  return trials
}

/** One parameter set. What it refuses is its result; a failing strategy is, too. */
export function runTrial(
  options: Omit<TrialOptions, 'threads' | 'onTrial'> & { readonly module: StrategyModule; readonly index: number },
): Trial {
  const { strategy: name, module, settings, columns, sets, index } = options
  try {
    const run = simulate({ name, module, parameters: sets[index]!, settings, columns })
    return { index, figures: trialFiguresOf(run), error: null }
  } catch (error) {
    return { index, figures: null, error: describeError(error) }
  }
}

function runThread(work: TrialWork, take: (trial: Trial) => void): Promise<void> {
  const worker = new Worker(new URL('trial-worker.ts', import.meta.url), { workerData: work })
  return new Promise((resolve, reject) => {
    worker.on('message', take)
    worker.on('error', reject)
    worker.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`a thread of the parameter search ended with code ${code}`))))
  })
}
