import { Context } from '@temporalio/activity'
import type { MarketFeedActivities } from '@trader/workflows/activities'
import { withTransaction } from '../../database/pool.ts'
import { finishRun } from '../../database/queries/finish-run.ts'
import type { FeedDependencies } from '../feed/feed-dependencies.ts'
import { runFeed } from '../feed/run-feed.ts'
import { beating } from './beating.ts'

/** The market feed. Told to stop, it ends the cycle under way first. */
export function createMarketFeedActivities(deps: FeedDependencies): MarketFeedActivities {
  return {
    runFeed: (input) =>
      beating(async (beat) => {
        const { cancellationSignal: signal, cancelled } = Context.current()
        const fed = await runFeed(deps, input, { signal, onCycle: beat })
        // A worker that shuts down hands back how far it came; the next one goes on from there.
        if (signal.aborted && fed.ended === null && !isShutdown(signal.reason)) await cancelled
        return fed
      }),
    async finishRun(request) {
      await withTransaction(deps.pool, (db) => finishRun(db, request))
    },
  }
}

function isShutdown(reason: unknown): boolean {
  return reason instanceof Error && reason.message === 'WORKER_SHUTDOWN'
}
