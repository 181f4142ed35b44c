import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'

const script = new URL('order-worker.ts', import.meta.url).pathname

/** Where a worker kills itself: `before:<activity>` or `after:<activity>`, at these passages, of which the first is 1. */
export interface CrashPoint {
  readonly point: string
  readonly passages: readonly number[]
}

/** The line that a worker leaves in its journal before it kills itself. */
export const killedLine = 'killed'

interface WorkerOptions extends CrashPoint {
  readonly temporalAddress: string
  readonly databaseUrl: string
  readonly taskQueue: string
  /** A file: a line per passage and per kill, so that a worker knows what came before it was killed. */
  readonly journal: string
}

/** A worker process that is started again whenever it was killed. */
export class KilledWorker {
  readonly #options: WorkerOptions
  #child: ChildProcess | null = null
  #isStopped = false

  constructor(options: WorkerOptions) {
    this.#options = options
  }

  async start(): Promise<void> {
    const child = fork(script, [JSON.stringify(this.#options)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    this.#child = child
    child.once('exit', () => {
      if (!this.#isStopped) void this.start()
    })
    await once(child, 'message')
  }

  /** How often it killed itself so far. */
  get kills(): number {
    return readFileSync(this.#options.journal, 'utf8')
      .split('\n')
      .filter((line) => line === killedLine).length
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    const child = this.#child
    if (child === null || child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
}

/** Options of this process, which `KilledWorker` started. */
export function workerOptions(): WorkerOptions {
  return JSON.parse(process.argv[2] ?? '') as WorkerOptions // written by `start` above
}
