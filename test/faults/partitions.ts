import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { KilledWorker } from '../support/killed-worker.ts'
import { type NetworkFault, TcpProxy } from '../support/tcp-proxy.ts'
import { Exchange, Market, product } from '../workflows/orders.ts'
import { firstFillTick, orderStory, orderStoryWith, type StoryOutcome } from './order-story.ts'

/** The way from the worker to a server fails for so long, from the moment on in which the first order of the story begins to fill. */
export interface Partition {
  readonly server: 'temporal' | 'postgres'
  readonly fault: NetworkFault
  readonly lastsMs: number
}

/** Real Temporal and Postgres; each story's worker has ways of its own to them, which fail. Stories may run at the same time. */
export class PartitionWorld {
  readonly #exchange: Exchange
  readonly #folder: string
  #told = 0

  private constructor(exchange: Exchange, folder: string) {
    this.#exchange = exchange
    this.#folder = folder
  }

  static async start(postgresUrl: string): Promise<PartitionWorld> {
    const exchange = await Exchange.start(postgresUrl)
    await exchange.startWorker()
    return new PartitionWorld(exchange, await mkdtemp(join(tmpdir(), 'partitions-')))
  }

  async stop(): Promise<void> {
    await this.#exchange.stop()
    await rm(this.#folder, { recursive: true })
  }

  /** What the story comes to where nothing fails. */
  undisturbed(): Promise<StoryOutcome> {
    return this.#openMarket(this.#exchange.taskQueue).then((market) => orderStory(market, product))
  }

  async tell({ server, fault, lastsMs }: Partition): Promise<StoryOutcome> {
    const { temporal, databaseUrl } = this.#exchange
    const url = new URL(databaseUrl)
    const ways = {
      temporal: await TcpProxy.start(Number(temporal.address.split(':').at(-1))),
      postgres: await TcpProxy.start(Number(url.port)),
    }
    url.port = String(ways.postgres.port)
    const taskQueue = `partition-${this.#told + 1}`
    const worker = new KilledWorker({
      temporalAddress: `127.0.0.1:${ways.temporal.port}`,
      databaseUrl: url.href,
      taskQueue,
      journal: join(this.#folder, taskQueue),
      point: 'never',
      passages: [],
    })
    const fail = (tick: number): void => {
      if (tick !== firstFillTick) return
      ways[server].fail(fault)
      setTimeout(() => ways[server].mend(), lastsMs)
    }
    try {
      const market = await this.#openMarket(taskQueue, () => worker.start())
      return await orderStoryWith(market, product, fail)
    } finally {
      await worker.stop()
      await Promise.all(Object.values(ways).map((way) => way.stop()))
    }
  }

  async #openMarket(taskQueue: string, startWorker = () => Promise.resolve()): Promise<Market> {
    this.#told += 1
    const book = `shadow:${this.#told}`
    await startWorker()
    return Market.open(this.#exchange, { book, taskQueue })
  }
}
