import type { Client } from '@temporalio/client'
import type { Book } from '@trader/core/contract/primitives'
import type { Principal } from '../access/scope.ts'
import type { Config } from '../config.ts'
import type { Pool } from '../database/pool.ts'
import { findRun } from '../database/queries/find-run.ts'
import { newestRun } from '../database/queries/newest-run.ts'
import { ToolFailure } from './tool-failure.ts'
import type { ToolContext } from './tool.ts'

/** What a process that serves tools holds. */
export interface ToolServices {
  readonly pool: Pool
  readonly temporal: Client
  readonly taskQueue: string
  readonly config: Config
  /** Writes one line of the process's log. Never to stdout, which belongs to the protocol. */
  readonly log: (line: Readonly<Record<string, unknown>>) => void
}

export function createToolContext(services: ToolServices, caller: { principal: Principal; correlationId: string }): ToolContext {
  const { pool, config } = services
  const book: Book = config.TRADING_MODE
  return {
    ...services,
    ...caller,
    now: Date.now,
    async run(runId) {
      const run = runId === undefined ? await newestRun(pool, book) : await findRun(pool, runId)
      if (run !== null) return run
      throw runId === undefined
        ? new ToolFailure('NO_RUN', `nothing was ever traded in book ${book}: start_market_stream or \`trader start\` begins a run`)
        : new ToolFailure('NOT_FOUND', `there is no run ${runId}`)
    },
  }
}
