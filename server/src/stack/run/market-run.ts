import { setTimeout as sleep } from 'node:timers/promises'
import { type Client, type Connection, ServiceError } from '@temporalio/client'
import type { Run } from '@trader/core/contract/run'
import { marketStreamId } from '@trader/workflows/names'
import { archiveAll } from '../../audit/archive/archive-histories.ts'
import { isTransient } from '../../database/database-error.ts'
import type { Pool } from '../../database/pool.ts'
import { findRun } from '../../database/queries/find-run.ts'
import { describeError } from '../../exit-code.ts'
import type { Progress } from '../progress.ts'
import type { StartedRun } from '../run-hook.ts'
import type { StartOptions } from '../start-options.ts'
import { stopMarket } from './begin-run.ts'
import { feedTrouble } from './feed-trouble.ts'
import { pauseNudges } from './nudge-schedule.ts'
import { runSummary } from './run-summary.ts'
import { RunView } from './run-view.ts'

const pollMs = 100
/** A feed without a tick for so long is worth a word. */
const quietMs = 10_000
/** Between two questions to a server that is being started again. */
const retryMs = 500
/** The supervisor allows two seconds for everything here. */
const stopLimitMs = 1800

export interface MarketRunOptions {
  readonly pool: Pool
  readonly connection: Connection
  readonly client: Client
  readonly run: Run
  readonly options: StartOptions
  readonly startId: string
  /** The feed starts the decisions itself. */
  readonly isStepped: boolean
  readonly sealLog: string
  readonly progress: Progress
}

/** The market and agents of this start, until they are told to stop. */
export class MarketRun implements StartedRun {
  readonly #started: MarketRunOptions
  readonly finished: Promise<Readonly<Record<string, unknown>>>
  readonly #firstTick: Promise<void>
  readonly #view: RunView
  #stopped: Promise<void> | undefined

  constructor(started: MarketRunOptions) {
    this.#started = started
    this.#firstTick = this.#patiently(() => this.#untilFirstTick())
    this.#firstTick.catch(() => {}) // who waits for it hears of it
    this.#view = new RunView(started)
    void this.#tellOfSilence()
    void this.#tellOfEnd()
    this.finished = this.#finish()
  }

  describe(): ReturnType<StartedRun['describe']> {
    const { run, options } = this.#started
    const { isExecutionPaused = null, prices = [], ...seen } = this.#view.state ?? {}
    const known = { run_id: run.run_id, kind: run.market, products: run.products, speed: options.speed }
    const state = this.#stopped === undefined ? 'running' : 'stopped'
    const execution = isExecutionPaused === true ? 'paused' : state
    const agents = [
      { name: 'broker', state },
      { name: 'execution', state: execution },
      { name: 'judge', state },
    ]
    return { market: { ...known, ...seen, prices: prices.map(({ product, age_ms, is_stale }) => ({ product, age_ms, is_stale })) }, agents }
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop()
    return this.#stopped
  }

  async #stop(): Promise<void> {
    const { client, pool, connection, isStepped } = this.#started
    this.#view.stop()
    // A stepped feed asks the Schedule whether decisions are wanted: paused, it would run on without them until it has stopped.
    const stopping = isStepped ? stopMarket(this.#started) : Promise.all([stopMarket(this.#started), pauseNudges(client)])
    const archived = stopping.then(() => this.#archiveInTime())
    try {
      await Promise.race([archived, sleep(stopLimitMs)])
    } finally {
      await pool.end()
      await connection.close()
    }
  }

  /** What there is no time for before everything goes down is archived after the next start. */
  async #archiveInTime(): Promise<void> {
    await archiveAll(this.#started).catch(() => {})
  }

  /** Resolves with the summary at --run-for, --until or the end of the files; never, where the start was open-ended. */
  async #finish(): Promise<Readonly<Record<string, unknown>>> {
    const { pool, client, run, options } = this.#started
    if (options.runForMs === undefined && options.until === undefined) return new Promise(() => {})
    const ended = this.#patiently(() => client.workflow.getHandle(marketStreamId).result())
    if (options.runForMs !== undefined) {
      await Promise.race([ended, this.#firstTick])
      await Promise.race([ended, sleep(options.runForMs)])
      await this.#patiently(() => stopMarket(this.#started))
    }
    await ended
    await this.#patiently(() => archiveAll(this.#started))
    return this.#patiently(async () => runSummary(pool, (await findRun(pool, run.run_id)) ?? run))
  }

  async #untilFirstTick(): Promise<void> {
    const { pool, run } = this.#started
    while (this.#stopped === undefined) {
      const now = await findRun(pool, run.run_id)
      if (now !== null && (now.cursor !== run.cursor || now.status === 'finished')) return
      await sleep(pollMs)
    }
  }

  /** A start that only waits says what it waits for. */
  async #tellOfSilence(): Promise<void> {
    const { client, run, progress } = this.#started
    let isFlowing = false
    const flowing = this.#firstTick.then(() => (isFlowing = true))
    flowing.catch(() => {}) // awaited below
    try {
      await Promise.race([flowing, sleep(quietMs)])
      if (isFlowing) return
      const trouble = await this.#patiently(() => feedTrouble({ client, runId: run.run_id }))
      progress.warning(`no market data for ${quietMs / 1000} s: ${trouble ?? 'the feed waits for its first tick'}`)
      await flowing
      if (this.#stopped === undefined) progress.note('market data comes now')
    } catch (error) {
      if (this.#stopped === undefined) progress.warning(`cannot see whether market data comes: ${describeError(error)}`)
    }
  }

  /** An open-ended start goes on when its market ends, for somebody to look at; but it says so. */
  async #tellOfEnd(): Promise<void> {
    const { client, progress } = this.#started
    try {
      await this.#patiently(() => client.workflow.getHandle(marketStreamId).result())
      if (this.#stopped === undefined)
        progress.note('the market has ended: no more ticks, no more decisions; everything stays readable until you stop')
    } catch (error) {
      if (this.#stopped === undefined) progress.warning(`the market has failed: ${describeError(error)}`)
    }
  }

  /** A server that was killed is started again by its supervisor: what it could not answer is asked again. */
  async #patiently<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    for (;;) {
      try {
        return await ask()
      } catch (error) {
        if (this.#stopped !== undefined || !(error instanceof ServiceError || isTransient(error))) throw error
        await sleep(retryMs)
      }
    }
  }
}
