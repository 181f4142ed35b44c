import { setTimeout as sleep } from 'node:timers/promises'
import type { Book } from '@trader/core/contract/primitives'
import type { Pool } from '../database/pool.ts'
import { appendEvent } from '../database/queries/append-event.ts'
import { newestRun } from '../database/queries/newest-run.ts'
import { describeError } from '../exit-code.ts'
import type { DataDir } from '../stack/data-dir.ts'
import { marketNow } from '../trading/market-now.ts'
import { readShapes, type TableShape } from './record-content.ts'
import { nameSeal, newestSeal, sealBatch, SealChainBroken } from './seal-batch.ts'
import { chainAfter, chainAfterRestore, follows, type ChainEnd } from './seal-chain.ts'
import type { SealSigner } from './seal-key.ts'
import { appendSeal, lastLoggedSeal } from './seal-log.ts'
import { readRestoreNote, removeRestoreNote } from './restore-note.ts'
import { behindMs } from './sealing-state.ts'

/** Between two looks at the queue: well below the second within which a fact must be sealed. */
const everyMs = 300
/** Between two tries when something is wrong. */
const retryMs = 2000

export interface SealerOptions {
  readonly pool: Pool
  readonly signer: SealSigner
  readonly files: Pick<DataDir, 'sealLog' | 'restoreNote'>
  /** The book whose newest run says what time it is on the market. */
  readonly book: Book
  readonly log: (text: string) => void
  readonly clock: () => number
}

/** Seals the queue as long as it runs: first in the database, then in the file. Says in the event log when it cannot, and when it can again. */
export class Sealer {
  readonly #options: SealerOptions
  readonly #stopping = new AbortController()
  #running: Promise<void> | undefined
  /** Known once database and file agree. */
  #end: ChainEnd | undefined
  #shapes: readonly TableShape[] = []
  #trouble: string | null = null

  constructor(options: SealerOptions) {
    this.#options = options
  }

  start(): void {
    this.#running ??= this.#run()
  }

  /** Seals what there is, then ends. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
    await this.#sealAll()
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      const isWell = await this.#sealAll()
      await sleep(isWell ? everyMs : retryMs, undefined, { signal }).catch(() => {}) // told to stop
    }
  }

  async #sealAll(): Promise<boolean> {
    try {
      this.#end ??= await this.#align()
      let sealed = await this.#sealOnce(this.#end)
      while (sealed !== null) sealed = await this.#sealOnce(this.#end)
      await this.#mended()
      return true
    } catch (error) {
      this.#end = undefined
      await this.#report(describeError(error))
      return false
    }
  }

  async #sealOnce(end: ChainEnd): Promise<ChainEnd | null> {
    const { pool, signer, files } = this.#options
    const seal = await sealBatch(pool, { signer, end, shapes: this.#shapes })
    if (seal === null) return null
    appendSeal(files.sealLog, seal)
    this.#end = chainAfter(seal)
    if (seal.log_ended_at !== null) removeRestoreNote(files.restoreNote)
    if (seal.lag_ms > behindMs && this.#trouble === null)
      await this.#report(`sealing was ${(seal.lag_ms / 1000).toFixed(1)} s behind at seal ${seal.seal}`)
    return this.#end
  }

  /** Where database and file agree, there the chain goes on. A seal that was stored when its sealer died before writing the line gets it now. */
  async #align(): Promise<ChainEnd> {
    const { pool, signer, files, log } = this.#options
    this.#shapes = await readShapes(pool)
    const [database, logged] = [await newestSeal(pool), lastLoggedSeal(files.sealLog)]
    if (database?.hash === logged?.hash) return chainAfter(database)
    if (database !== null && follows(database, logged) && signer.isMine(database)) {
      appendSeal(files.sealLog, database)
      return chainAfter(database)
    }
    const difference = `the database ends with ${nameSeal(database)}, the seal log with ${nameSeal(logged)}`
    const note = readRestoreNote(files.restoreNote)
    if (note === null) {
      throw new SealChainBroken(
        `${difference}: one of them was put back or cut off. \`trader audit verify\` says what is missing; \`trader audit accept-restore\` goes on from here`,
      )
    }
    log(`${difference}; going on, as its owner says: ${note}`)
    await this.#event('operator_action', { action: 'accept_restore', reason: note, difference })
    return chainAfterRestore({ database, log: logged })
  }

  async #report(trouble: string): Promise<void> {
    if (this.#trouble === trouble) return
    this.#trouble = trouble
    this.#options.log(`sealing: ${trouble}`)
    await this.#event('component_failed', { component: 'sealer', reason: trouble }).catch(() => {}) // the database is what failed: it is in the log
  }

  async #mended(): Promise<void> {
    if (this.#trouble === null) return
    await this.#event('component_started', { component: 'sealer', after: this.#trouble })
    this.#options.log('sealing: up to date again')
    this.#trouble = null
  }

  async #event(type: 'component_failed' | 'component_started' | 'operator_action', payload: Record<string, string>): Promise<void> {
    const { pool, clock, book } = this.#options
    const run = await newestRun(pool, book)
    const timestamp = run === null ? clock() : marketNow({ run, wallTime: clock() })
    await appendEvent(pool, {
      type,
      source: 'sealer',
      book: run?.book ?? null,
      run_id: run?.run_id ?? null,
      correlation_id: null,
      timestamp,
      payload,
    })
  }
}
