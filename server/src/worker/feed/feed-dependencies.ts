import type { Client } from '@temporalio/client'
import type { Book } from '@trader/core/contract/primitives'
import type { Tick } from '@trader/core/contract/tick'
import type { Pool } from '../../database/pool.ts'
import type { WallClock } from '../../exchange/wall-clock.ts'
import type { SourcePool } from './source-pool.ts'

/** Resolves once every report of the batch is settled. Called again with the same ticks, it changes nothing. */
export interface PaperVenue {
  /** `timeframeMs` is the length of the candle whose volume the orders share. */
  readonly matchBatch: (batch: { readonly runId: string; readonly ticks: readonly Tick[]; readonly timeframeMs: number }) => Promise<void>
}

/** When a decision is due, of which run, and which model it asks. */
export interface Instant {
  readonly runId: string
  readonly book: Book
  readonly marketTime: number
  readonly model: string
}

/** Decisions of a stepped feed. */
export interface FeedDecisions {
  /** False while the Execution agent is stopped: the feed goes on without. */
  readonly areWanted: () => Promise<boolean>
  /** Starts the decision of this instant, or finds the one that was started, and waits for its end. */
  readonly decide: (instant: Instant) => Promise<void>
}

/** What a feed touches. */
export interface FeedDependencies {
  readonly pool: Pool
  readonly client: Client
  readonly taskQueue: string
  readonly sources: SourcePool
  readonly paperVenue: PaperVenue
  readonly decisions: FeedDecisions
  readonly clock: WallClock
  readonly log: (text: string) => void
}
