import { ApplicationFailure } from '@temporalio/common'
import { describeError } from '../../exit-code.ts'
import type { MarketSource } from '../../exchange/market-source.ts'
import type { SourceRequest } from '../../exchange/open-market-source.ts'

export type OpenSource = (request: SourceRequest) => Promise<MarketSource>

/** Longer than the pause between two activities of a feed. */
const keptOpenMs = 15_000

interface OpenedSource {
  readonly source: Promise<MarketSource>
  users: number
  idle?: NodeJS.Timeout
}

/**
 * Lends open sources. One that comes back stays open for the next activity of the same feed: a stream stays connected and misses no
 * tick, a replay does not index its files again. After a failure it is lent no more, as nobody knows what state it is in.
 */
export class SourcePool {
  #open: OpenSource
  #opened = new Map<string, OpenedSource>()

  constructor(open: OpenSource) {
    this.#open = open
  }

  async lend<Result>(request: SourceRequest, use: (source: MarketSource) => Promise<Result>): Promise<Result> {
    const { source, products, historical_minutes } = request
    const key = JSON.stringify([source, products, historical_minutes])
    const opened = this.#opened.get(key) ?? { source: openOrRefuse(this.#open, request), users: 0 }
    this.#opened.set(key, opened)
    clearTimeout(opened.idle)
    opened.users += 1
    try {
      return await use(await opened.source)
    } catch (error) {
      if (this.#opened.get(key) === opened) this.#opened.delete(key)
      throw error
    } finally {
      opened.users -= 1
      if (opened.users === 0) await this.#rest(key, opened)
    }
  }

  /** Closes what nobody uses. */
  async close(): Promise<void> {
    for (const [key, opened] of this.#opened) {
      if (opened.users > 0) continue
      this.#opened.delete(key)
      clearTimeout(opened.idle)
      await closeIfOpen(opened)
    }
  }

  async #rest(key: string, opened: OpenedSource): Promise<void> {
    if (this.#opened.get(key) !== opened) return closeIfOpen(opened)
    opened.idle = setTimeout(() => {
      this.#opened.delete(key)
      void closeIfOpen(opened)
    }, keptOpenMs).unref()
  }
}

/** Files and seeds do not get better by trying again; a connection may. */
async function openOrRefuse(open: OpenSource, request: SourceRequest): Promise<MarketSource> {
  try {
    return await open(request)
  } catch (cause) {
    const { market } = request.source
    const message = `cannot open the ${market} market of ${request.products.join(', ')}: ${describeError(cause)}`
    if (market !== 'replay' && market !== 'simulated') throw new Error(message, { cause })
    throw ApplicationFailure.nonRetryable(message, 'SourceRefused')
  }
}

/** One that could not be opened has told its borrowers. */
async function closeIfOpen({ source }: OpenedSource): Promise<void> {
  const [opened] = await Promise.allSettled([source])
  if (opened.status === 'fulfilled') await opened.value.close()
}
