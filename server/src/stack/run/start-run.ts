import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client, type Connection } from '@temporalio/client'
import type { MarketPlan } from '@trader/core/contract/market-messages'
import type { Run } from '@trader/core/contract/run'
import { defaultRiskLimits } from '@trader/core/risk/limits'
import { marketStreamId } from '@trader/workflows/names'
import { createPool, type Pool } from '../../database/pool.ts'
import { findRun } from '../../database/queries/find-run.ts'
import { connectTemporal } from '../../temporal-connection.ts'
import { timedStep } from '../progress.ts'
import type { StartedRun, StartRun } from '../run-hook.ts'
import type { StartOptions } from '../start-options.ts'
import { openOrResume, startMarket, stopMarket } from './begin-run.ts'
import { pauseNudges, scheduleNudges } from './nudge-schedule.ts'
import { planRun } from './run-plan.ts'
import { runSummary } from './run-summary.ts'
import { startAgents } from './start-agents.ts'

const pollMs = 100
/** The supervisor allows two seconds for everything here. */
const stopLimitMs = 1800

/** Opens or resumes the run, starts the agents and the market, and knows when the run is over. */
export const startRun: StartRun = async (options, services) => {
  const { config, addresses, progress } = services
  const planned = await planRun(options, config)
  const pool = createPool({ connectionString: addresses.databaseUrl.reveal(), max: 4 })
  const connection = await connectTemporal(addresses.temporal)
  const client = new Client({ connection, namespace: addresses.temporal.namespace })
  const startId = randomBytes(6).toString('hex')
  const { run, resumed } = await openOrResume(pool, planned)
  const plan: MarketPlan = { ...planned.plan, run_id: run.run_id }
  const target = { client, taskQueue: addresses.taskQueue, runId: run.run_id, book: run.book }

  await timedStep(progress, 'agents', async () => {
    await startAgents({ ...target, startId })
    await scheduleNudges({ ...target, model: plan.model, nudgeSeconds: plan.nudge_seconds, isStepped: planned.isStepped })
    const pace = planned.isStepped ? 'at each step of the market' : `every ${plan.nudge_seconds} s`
    return `broker, execution (${pace}, model ${plan.model}), judge`
  })
  await timedStep(progress, 'market', async () => {
    await startMarket({ ...target, plan, startId })
    return describeMarket({ options, run, resumed })
  })
  return new MarketRun({ pool, connection, client, run, options, startId })
}

function describeMarket({ options, run, resumed }: { options: StartOptions; run: Run; resumed: boolean }): string {
  const pace = options.speed === 1 ? '' : `, speed ${options.speed}`
  const story = resumed ? `run ${run.run_id} goes on` : `new run ${run.run_id} with ${defaultRiskLimits.starting_cash} USD`
  return `${run.products.join(' ')} ${run.market}${pace}; ${story}`
}

interface MarketRunOptions {
  readonly pool: Pool
  readonly connection: Connection
  readonly client: Client
  readonly run: Run
  readonly options: StartOptions
  readonly startId: string
}

/** The market and agents of this start, until they are told to stop. */
class MarketRun implements StartedRun {
  readonly #started: MarketRunOptions
  readonly finished: Promise<Readonly<Record<string, unknown>>>
  #stopped: Promise<void> | undefined

  constructor(started: MarketRunOptions) {
    this.#started = started
    this.finished = this.#finish()
  }

  describe(): ReturnType<StartedRun['describe']> {
    const { run, options } = this.#started
    const market = { run_id: run.run_id, kind: run.market, products: run.products, speed: options.speed }
    const state = this.#stopped === undefined ? 'running' : 'stopped'
    return { market, agents: ['broker', 'execution', 'judge'].map((name) => ({ name, state })) }
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop()
    return this.#stopped
  }

  async #stop(): Promise<void> {
    const { client, pool, connection } = this.#started
    try {
      await Promise.race([Promise.all([stopMarket(this.#started), pauseNudges(client)]), sleep(stopLimitMs)])
    } finally {
      await pool.end()
      await connection.close()
    }
  }

  /** Resolves with the summary at --run-for, --until or the end of the files; never, where the start was open-ended. */
  async #finish(): Promise<Readonly<Record<string, unknown>>> {
    const { pool, client, run, options } = this.#started
    if (options.runForMs === undefined && options.until === undefined) return new Promise(() => {})
    const ended = client.workflow.getHandle(marketStreamId).result()
    if (options.runForMs !== undefined) {
      await Promise.race([ended, this.#untilFirstTick()])
      await Promise.race([ended, sleep(options.runForMs)])
      await stopMarket(this.#started)
    }
    await ended
    return runSummary(pool, (await findRun(pool, run.run_id)) ?? run)
  }

  async #untilFirstTick(): Promise<void> {
    const { pool, run } = this.#started
    while (this.#stopped === undefined) {
      const now = await findRun(pool, run.run_id)
      if (now !== null && (now.cursor !== run.cursor || now.status === 'finished')) return
      await sleep(pollMs)
    }
  }
}
