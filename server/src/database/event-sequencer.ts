import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool } from './pool.ts'
import { value } from './queries/value.ts'

/** Numbers every committed event that has no number yet; answers how many. Safe to run anywhere, any number of times. */
export async function sequenceEvents(pool: Pool): Promise<number> {
  return value(pool, 'select sequence_events() as value')
}

/** Short enough that nobody waits, and a look at an empty index is all that it costs. */
const usualIntervalMs = 50

/**
 * Keeps the event log numbered by looking every `intervalMs`. It is not woken by a NOTIFY of the facts' transactions: such a
 * transaction holds a lock of the whole server while it commits, so that no two could wait for the disk together. While the database
 * is away it tries again at each interval, and says so once.
 */
export class EventSequencer {
  readonly #pool: Pool
  readonly #intervalMs: number
  readonly #onError: (error: unknown) => void
  readonly #stopping = new AbortController()
  #running: Promise<void> | undefined

  constructor(options: { pool: Pool; intervalMs?: number; onError?: (error: unknown) => void }) {
    this.#pool = options.pool
    this.#intervalMs = options.intervalMs ?? usualIntervalMs
    this.#onError = options.onError ?? (() => undefined)
  }

  start(): void {
    this.#running ??= this.#run()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping
    let isWell = true
    while (!signal.aborted) {
      try {
        await sequenceEvents(this.#pool)
        isWell = true
      } catch (error) {
        if (isWell) this.#onError(error)
        isWell = false
      }
      await sleep(this.#intervalMs, undefined, { signal }).catch(() => {}) // told to stop
    }
  }
}
