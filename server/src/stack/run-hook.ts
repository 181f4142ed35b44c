import type { StackStatus } from '@trader/core/contract/component-status'
import type { Config } from '../config.ts'
import type { Addresses } from './addresses.ts'
import type { DataDir } from './data-dir.ts'
import type { Progress } from './progress.ts'
import type { StartOptions } from './start-options.ts'

/** A running stack, as the part that runs the market sees it. */
export interface StackServices {
  readonly config: Config
  readonly addresses: Addresses
  readonly dataDir: DataDir
  readonly stackId: string
  readonly progress: Progress
}

/** The market and the agents of one `trader start`. */
export interface StartedRun {
  /** Resolves with the run's summary at --run-for or --until; never, where neither was given. */
  readonly finished: Promise<Readonly<Record<string, unknown>>>
  describe(): Pick<StackStatus, 'market' | 'agents'>
  /** Stops agents and market in an orderly way. Must end within 2 s. */
  stop(): Promise<void>
}

/** Starts the market and the agents on a stack that is ready. */
export type StartRun = (options: StartOptions, services: StackServices) => Promise<StartedRun>
