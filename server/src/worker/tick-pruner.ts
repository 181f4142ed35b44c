import { describeError } from '../exit-code.ts'
import type { Pool } from '../database/pool.ts'
import { pruneTicks } from '../database/queries/prune-ticks.ts'

const hourMs = 3_600_000
const everyMs = 10 * 60_000

/** Deletes ticks that were recorded longer ago than the retention. Candles stay. */
export class TickPruner {
  readonly #options: { pool: Pool; retentionHours: number; log: (text: string) => void }
  #timer: NodeJS.Timeout | undefined

  constructor(options: { pool: Pool; retentionHours: number; log: (text: string) => void }) {
    this.#options = options
  }

  start(): void {
    void this.#prune()
    this.#timer = setInterval(() => void this.#prune(), everyMs)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  async #prune(): Promise<void> {
    const { pool, retentionHours, log } = this.#options
    try {
      const before = Date.now() - retentionHours * hourMs
      let deleted = 1
      while (deleted > 0) deleted = await pruneTicks(pool, { before })
    } catch (error) {
      log(`old ticks were not deleted, trying again in ${everyMs / 60_000} min: ${describeError(error)}`)
    }
  }
}
