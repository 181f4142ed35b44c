import pg from 'pg'
import type { Pool } from './pool.ts'
import { value } from './queries/value.ts'

/** Numbers every committed event that has no number yet; answers how many. Safe to run anywhere, any number of times. */
export async function sequenceEvents(pool: Pool): Promise<number> {
  return value(pool, 'select sequence_events() as value')
}

/**
 * Keeps the event log numbered: at once when a transaction with events commits (NOTIFY `event_pending`), and every
 * `intervalMs` in case a notification was lost. While the database is away it tries again at each interval.
 */
export class EventSequencer {
  readonly #pool: Pool
  readonly #connectionString: string
  readonly #intervalMs: number
  readonly #onError: (error: unknown) => void
  #listener: pg.Client | undefined
  #running: Promise<void> | undefined
  #isWanted = false
  #isStopped = false
  #wake: (() => void) | undefined

  constructor(options: { pool: Pool; connectionString: string; intervalMs?: number; onError?: (error: unknown) => void }) {
    this.#pool = options.pool
    this.#connectionString = options.connectionString
    this.#intervalMs = options.intervalMs ?? 1000
    this.#onError = options.onError ?? (() => undefined)
  }

  start(): void {
    this.#running ??= this.#run()
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    this.#wake?.()
    await this.#running
    await this.#listener?.end().catch(() => undefined)
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      try {
        await this.#listen()
        this.#isWanted = false
        await sequenceEvents(this.#pool)
      } catch (error) {
        this.#onError(error)
      }
      await this.#untilWanted()
    }
  }

  /** One connection that only listens; a new one after it broke. */
  async #listen(): Promise<void> {
    if (this.#listener !== undefined) return
    const client = new pg.Client({ connectionString: this.#connectionString, application_name: 'trader-sequencer' })
    const forget = (): void => {
      if (this.#listener === client) this.#listener = undefined
    }
    client.on('error', forget)
    client.on('end', forget)
    client.on('notification', () => {
      this.#isWanted = true
      this.#wake?.()
    })
    await client.connect()
    await client.query('listen event_pending')
    this.#listener = client
  }

  async #untilWanted(): Promise<void> {
    if (this.#isWanted || this.#isStopped) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.#intervalMs)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    this.#wake = undefined
  }
}
