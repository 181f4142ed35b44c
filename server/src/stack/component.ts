import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import type { ComponentState, ComponentStatus } from '@trader/core/contract/component-status'
import { describeError } from '../exit-code.ts'
import { backOffMs } from './back-off.ts'
import type { ComponentPlan, Launch, Readiness } from './component-plan.ts'
import { fileSize, readLogTail, rotateLog } from './log-file.ts'
import { processBirth, processMemory, signalGroup } from './process-table.ts'
import type { ChildRecord } from './stack-file.ts'
import { pause } from './wait.ts'

/** A run this long ends a series of failures: the next restart is quick again. */
const steadyMs = 30_000
/** Failures in a row after which a component is shown as failed. It is still tried, at its longest back-off. */
const failuresUntilFailed = 6

export interface ComponentHooks {
  /** State or process changed. */
  onChange(): void
  /** Something a person should read. */
  onNotice(text: string): void
}

/** One supervised child in a process group of its own: started, watched, restarted with back-off, stopped. */
export class Component {
  readonly plan: ComponentPlan
  readonly #logPath: string
  readonly #hooks: ComponentHooks
  #state: ComponentState = 'stopped'
  #child: ChildProcess | undefined
  #birth: string | null = null
  #readiness: Readiness | undefined
  #startedAt = 0
  #restarts = 0
  #failures = 0
  #lastError: string | null = null
  /** Raised when the component is no longer wanted. */
  #unwanted = new AbortController()
  #keeper: Promise<void> = Promise.resolve()

  constructor(plan: ComponentPlan, { logPath, hooks }: { logPath: string; hooks: ComponentHooks }) {
    this.plan = plan
    this.#logPath = logPath
    this.#hooks = hooks
  }

  status(): ComponentStatus {
    const pid = this.#child?.pid ?? null
    return {
      name: this.plan.name,
      state: this.#state,
      pid,
      port: this.plan.port,
      uptime_s: this.#state === 'running' ? Math.round((performance.now() - this.#startedAt) / 100) / 10 : null,
      restarts: this.#restarts,
      version: this.#readiness?.version ?? null,
      memory_bytes: pid === null ? null : processMemory(pid),
      last_error: this.#lastError,
    }
  }

  /** What must be known to find this child again after the supervisor died. */
  record(): ChildRecord {
    return {
      name: this.plan.name,
      desired: this.#unwanted.signal.aborted ? 'stopped' : 'running',
      pid: this.#child?.pid ?? null,
      birth: this.#birth,
    }
  }

  /** Starts the child and waits until it is ready; from then on it is kept running. Throws when the first starts all fail. */
  async start(): Promise<Readiness> {
    if (this.#state !== 'stopped' && this.#state !== 'failed') throw new Error(`${this.plan.title} is ${this.#state} already`)
    this.#unwanted = new AbortController()
    this.#failures = 0
    const starting = this.#startUntilReady(this.plan.firstAttempts)
    // Until it is ready, a stop waits for this to give up; from then on for the keeper to let go.
    this.#keeper = starting.then(
      () => this.#keepRunning(),
      () => {}, // told to whoever asked for the start
    )
    return starting
  }

  /** Stops the child as it likes to be stopped, and by force when it takes too long. Safe to call in any state. */
  async stop(): Promise<void> {
    this.#unwanted.abort()
    await this.#endChild()
    await this.#keeper
    this.#become('stopped')
  }

  /** Ends the process at once, with no chance to tidy up. */
  kill(): void {
    this.#unwanted.abort()
    if (this.#child?.pid !== undefined) signalGroup(this.#child.pid, 'SIGKILL')
  }

  /** Starts until one start works, at most `attempts` times, with back-off between. */
  async #startUntilReady(attempts: number): Promise<Readiness> {
    for (;;) {
      try {
        return await this.#startOnce()
      } catch (error) {
        this.#lastError = describeError(error)
        this.#failures += 1
        if (this.#unwanted.signal.aborted || this.#failures >= attempts) {
          this.#become(this.#unwanted.signal.aborted ? 'stopped' : 'failed')
          throw error
        }
        if (this.#failures >= failuresUntilFailed) this.#become('failed')
        await pause(this.#backOffMs(), this.#unwanted.signal)
      }
    }
  }

  async #startOnce(): Promise<Readiness> {
    this.#become(this.#restarts > 0 ? 'restarting' : 'starting')
    const launch = await this.plan.launch(this.#unwanted.signal)
    this.#unwanted.signal.throwIfAborted()
    rotateLog(this.#logPath)
    const logStart = fileSize(this.#logPath)
    const child = this.#spawn(launch)
    const ended = new AbortController()
    const exit = exitOf(child).then((how) => {
      ended.abort()
      const said = readLogTail({ path: this.#logPath, lines: 4, from: logStart }).join(' | ')
      throw new Error(`${this.plan.title} ended while starting (${how})${said === '' ? '' : `: ${said}`}`)
    })
    const signal = AbortSignal.any([this.#unwanted.signal, ended.signal, AbortSignal.timeout(this.plan.readyTimeoutMs)])
    try {
      this.#readiness = await Promise.race([this.plan.ready(child, signal), exit])
    } catch (error) {
      exit.catch(() => {}) // told by `error` already
      await this.#endChild()
      throw signal.aborted && !ended.signal.aborted && !this.#unwanted.signal.aborted
        ? new Error(`${this.plan.title} was not ready within ${this.plan.readyTimeoutMs / 1000} s`, { cause: error })
        : error
    }
    exit.catch(() => {}) // an exit after this is #keepRunning's to see
    this.#startedAt = performance.now()
    this.#become('running')
    return this.#readiness
  }

  #spawn(launch: Launch): ChildProcess {
    const log = openSync(this.#logPath, 'a', 0o600)
    try {
      // A group of its own: the terminal's Ctrl-C must reach the supervisor alone, which then stops things in order.
      const { command, args, hasChannel, ...options } = launch
      const child = spawn(command, args, {
        ...options,
        detached: true,
        stdio: ['ignore', log, log, ...(hasChannel ? ['ipc' as const] : [])],
      })
      child.on('error', () => {}) // that it could not be run is told by exitOf
      this.#child = child
      this.#birth = child.pid === undefined ? null : processBirth(child.pid)
      this.#hooks.onChange()
      return child
    } finally {
      closeSync(log)
    }
  }

  /** Watches the running child and starts it again whenever it ends, until it is no longer wanted. */
  async #keepRunning(): Promise<void> {
    while (this.#child !== undefined) {
      const how = await exitOf(this.#child)
      if (this.#unwanted.signal.aborted) return
      this.#forgetChild()
      if (performance.now() - this.#startedAt >= steadyMs) this.#failures = 0
      this.#failures += 1
      this.#restarts += 1
      this.#lastError = `ended unexpectedly (${how})`
      this.#become('restarting')
      this.#hooks.onNotice(`${this.plan.title} ended unexpectedly (${how}); starting it again`)
      try {
        await pause(this.#backOffMs(), this.#unwanted.signal)
        const began = performance.now()
        await this.#startUntilReady(Number.POSITIVE_INFINITY)
        this.#hooks.onNotice(`${this.plan.title} is back after ${((performance.now() - began) / 1000).toFixed(1)} s`)
      } catch (error) {
        if (this.#unwanted.signal.aborted) return
        throw error
      }
    }
  }

  #backOffMs(): number {
    return backOffMs({ failures: this.#failures, random: Math.random(), longestMs: this.plan.longestBackOffMs })
  }

  async #endChild(): Promise<void> {
    const child = this.#child
    if (child?.pid === undefined) return this.#forgetChild()
    const exit = exitOf(child)
    if (!hasEnded(child)) {
      signalGroup(child.pid, this.plan.stopSignal)
      const force = setTimeout(() => child.pid !== undefined && signalGroup(child.pid, 'SIGKILL'), this.plan.stopTimeoutMs)
      await exit
      clearTimeout(force)
    }
    this.#forgetChild()
  }

  /** Also ends what the child may have left behind in its group. */
  #forgetChild(): void {
    if (this.#child?.pid !== undefined) signalGroup(this.#child.pid, 'SIGKILL')
    this.#child = undefined
    this.#birth = null
  }

  #become(state: ComponentState): void {
    this.#state = state
    this.#hooks.onChange()
  }
}

const hasEnded = (child: ChildProcess): boolean => child.pid === undefined || child.exitCode !== null || child.signalCode !== null

/** How a child ended: `exit code 1`, `SIGKILL`, or why it could not even be run. */
async function exitOf(child: ChildProcess): Promise<string> {
  if (child.pid === undefined) {
    const [error] = await once(child, 'error')
    return `it could not be run: ${describeError(error)}`
  }
  if (!hasEnded(child)) await once(child, 'exit')
  return child.signalCode ?? `exit code ${child.exitCode}`
}
