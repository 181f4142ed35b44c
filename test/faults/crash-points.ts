import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { activityInfo } from '@temporalio/activity'
import { seededRandom } from '@trader/core/market/seeded-random'
import { KilledWorker } from '../support/killed-worker.ts'
import { Exchange, Market } from '../workflows/orders.ts'
import { decisionStory, orderStory, type Story, type StoryOutcome } from './order-story.ts'

const orderProduct = 'BTC-USD'

export type StoryName = 'order' | 'decision'
const stories: Readonly<Record<StoryName, Story>> = { order: orderStory, decision: decisionStory }

/** Every activity of a story that posts, submits, or makes the decision. A worker can be killed before each and after it. */
const activities: Readonly<Record<StoryName, readonly string[]>> = {
  order: [
    'reserveOrders',
    'postReserve',
    'submitPaperOrder',
    'recordFill',
    'postFill',
    'releaseOrder',
    'postRelease',
    'reserveTriggeredOrder',
    'postTriggeredReserve',
    'makeRoomForExit',
    'cancelPaperOrder',
    'cancelArmedOrders',
  ],
  decision: ['gather', 'callModel', 'reserveOrders', 'postReserve', 'submitPaperOrder', 'saveDecision'],
}

/** A named crash point of a story, such as `order after:postFill`. */
export interface NamedPoint {
  readonly story: StoryName
  readonly point: string
}

export const crashPoints: readonly NamedPoint[] = (['order', 'decision'] as const).flatMap((story) =>
  activities[story].flatMap((activity) => ['before', 'after'].map((when) => ({ story, point: `${when}:${activity}` }))),
)

/** How one story ended whose worker was killed. */
export interface CrashRun extends NamedPoint {
  readonly passages: readonly number[]
  readonly kills: number
  readonly isAsUndisturbed: boolean
  readonly outcome: StoryOutcome
  readonly undisturbed: StoryOutcome
}

/** The same stories once without a kill: what they come to, and how often each activity is begun. */
interface Reference {
  readonly outcome: StoryOutcome
  readonly begun: ReadonlyMap<string, number>
}

/** Real Temporal and Postgres, on which stories are told by workers that are killed. Stories may run at the same time. */
export class CrashWorld {
  readonly #exchange: Exchange
  readonly #folder: string
  readonly #references = new Map<string, Promise<Reference>>()
  /** The features of a product are one workflow: decision stories at the same time need a product each. */
  readonly #freeProducts = ['ETH-USD', 'SOL-USD', 'LTC-USD', 'BCH-USD', 'AAVE-USD', 'BTC-USD']
  #told = 0

  private constructor(exchange: Exchange, folder: string) {
    this.#exchange = exchange
    this.#folder = folder
  }

  /** Every workflow goes on as a new run after a few updates, so that each story crosses that change too. */
  static async start(postgresUrl: string): Promise<CrashWorld> {
    const exchange = await Exchange.start(postgresUrl, { suggestNewRunAfter: 60 })
    await exchange.startWorker()
    await exchange.makeFirstPrompt()
    return new CrashWorld(exchange, await mkdtemp(join(tmpdir(), 'crash-points-')))
  }

  async stop(): Promise<void> {
    await this.#exchange.stop()
    await rm(this.#folder, { recursive: true })
  }

  /** What a story comes to where nothing goes wrong; told once for each product, as their smallest amounts differ. */
  undisturbed(story: StoryName, product = orderProduct): Promise<Reference> {
    const key = `${story} ${product}`
    const reference = this.#references.get(key) ?? this.#tellUndisturbed(story, product)
    this.#references.set(key, reference)
    return reference
  }

  /** Tells a story whose worker is killed at most `mostKills` times at a point, at passages drawn from the seed. */
  async crash({ story, point }: NamedPoint, options: { seed: number; mostKills: number }): Promise<CrashRun> {
    if (story === 'order') return this.#crash({ story, point, product: orderProduct, ...options })
    const product = this.#freeProducts.pop()
    if (product === undefined) throw new Error('more decision stories are told at once than there are products')
    try {
      return await this.#crash({ story, point, product, ...options })
    } finally {
      this.#freeProducts.push(product)
    }
  }

  async #crash(options: NamedPoint & { product: string; seed: number; mostKills: number }): Promise<CrashRun> {
    const { story, point, product, seed, mostKills } = options
    const reference = await this.undisturbed(story, product)
    const begun = reference.begun.get(activityOf(point)) ?? 0
    if (begun === 0) throw new Error(`the ${story} story never begins ${activityOf(point)}`)
    const passages = drawn({ seed, point, begun, count: mostKills })
    const taskQueue = this.#nextName()
    const { temporal, databaseUrl } = this.#exchange
    const journal = join(this.#folder, taskQueue)
    const worker = new KilledWorker({ temporalAddress: temporal.address, databaseUrl, taskQueue, journal, point, passages })
    try {
      await worker.start()
      const outcome = await this.#tell({ story, product, taskQueue })
      const isAsUndisturbed = isDeepStrictEqual(outcome, reference.outcome)
      return { story, point, passages, kills: worker.kills, isAsUndisturbed, outcome, undisturbed: reference.outcome }
    } finally {
      await worker.stop()
    }
  }

  async #tellUndisturbed(story: StoryName, product: string): Promise<Reference> {
    const taskQueue = this.#nextName()
    const begun = new Map<string, number>()
    const counted = (all: object): object =>
      Object.fromEntries(
        Object.entries(all).map(([name, activity]) => [
          name,
          (input: never): unknown => {
            if (activityInfo().attempt === 1) begun.set(name, (begun.get(name) ?? 0) + 1)
            return activity(input)
          },
        ]),
      )
    await this.#exchange.startWorker(counted, taskQueue)
    return { outcome: await this.#tell({ story, product, taskQueue }), begun }
  }

  #nextName(): string {
    this.#told += 1
    return `story-${this.#told}`
  }

  /** A book of its own keeps a story apart from those at the same time. */
  async #tell({ story, product, taskQueue }: { story: StoryName; product: string; taskQueue: string }): Promise<StoryOutcome> {
    const market = await Market.open(this.#exchange, { products: [product], book: taskQueue.replace('story-', 'shadow:'), taskQueue })
    return stories[story](market, product)
  }
}

const activityOf = (point: string): string => point.slice(point.indexOf(':') + 1)

/** `count` of the passages 1 to `begun`, or all of them where there are fewer. */
function drawn({ seed, point, begun, count }: { seed: number; point: string; begun: number; count: number }): number[] {
  const random = seededRandom(seed, point)
  const all = Array.from({ length: begun }, (_, index) => index + 1)
  return all
    .toSorted((one, other) => random.uniform(0, one) - random.uniform(0, other))
    .slice(0, count)
    .toSorted((one, other) => one - other)
}
