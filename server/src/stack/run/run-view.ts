import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '@temporalio/client'
import type { Freshness } from '@trader/core/market/freshness'
import type { Run } from '@trader/core/contract/run'
import type { TradingFlag } from '@trader/core/contract/trading-flag'
import { readSealingState, type SealingState } from '../../audit/sealing-state.ts'
import type { Pool } from '../../database/pool.ts'
import { findRun } from '../../database/queries/find-run.ts'
import { getTradingFlag } from '../../database/queries/trading-flag.ts'
import { marketFreshness } from '../../market-freshness.ts'
import { areNudgesOn } from './nudge-schedule.ts'

const everyMs = 2000

/** How a run stands, as of the last look. */
export interface RunState {
  readonly trading: TradingFlag
  readonly trading_reason: string
  readonly run_status: Run['status']
  readonly market_time: number | null
  readonly prices: readonly Freshness[]
  /** The Schedule of decisions is paused. */
  readonly isExecutionPaused: boolean
  readonly sealing: SealingState
}

interface Services {
  readonly pool: Pool
  readonly client: Client
  readonly run: Run
  readonly isStepped: boolean
  /** Path of the seals' copy outside Postgres. */
  readonly sealLog: string
}

/** Looks at a run every two seconds, so that `trader status` answers at once. While a server is away the last look stays. */
export class RunView {
  readonly #services: Services
  #state: RunState | null = null
  #isStopped = false

  constructor(services: Services) {
    this.#services = services
    void this.#watch()
  }

  get state(): RunState | null {
    return this.#state
  }

  stop(): void {
    this.#isStopped = true
  }

  async #watch(): Promise<void> {
    while (!this.#isStopped) {
      const seen = await this.#look().catch(() => null) // a component that is away shows in the status by itself
      if (seen !== null) this.#state = seen
      await sleep(everyMs)
    }
  }

  async #look(): Promise<RunState> {
    const { pool, client, isStepped, sealLog } = this.#services
    const run = (await findRun(pool, this.#services.run.run_id)) ?? this.#services.run
    const flag = await getTradingFlag(pool, run.book)
    return {
      trading: flag.state,
      trading_reason: flag.reason,
      run_status: run.status,
      market_time: run.cursor,
      prices: await marketFreshness(pool, { run, isStepped, now: Date.now() }),
      isExecutionPaused: !(await areNudgesOn(client)),
      sealing: await readSealingState(pool, { sealLog }),
    }
  }
}
