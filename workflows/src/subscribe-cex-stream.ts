import { ActivityCancellationType, continueAsNew, proxyActivities, workflowInfo } from '@temporalio/workflow'
import type { FeedEnd, MarketPlan } from '@trader/core/contract/market-messages'
import type { MarketFeedActivities } from './activities.ts'

/** The source runs in here. A dead worker is noticed by its silence; a cancelled feed ends its cycle before it is gone. */
const { runFeed } = proxyActivities<MarketFeedActivities>({
  startToCloseTimeout: '1h',
  heartbeatTimeout: '5s',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: '500ms', maximumInterval: '10s', nonRetryableErrorTypes: ['SourceRefused'] },
})

/** After so many cycles the feed hands its cursor back, so that history shows how far it came. */
const cyclesPerActivity = 60

export interface SubscribeCexStreamInput {
  readonly plan: MarketPlan
  /** Handed on at continue-as-new: market time up to which ticks were delivered; null before the first. */
  readonly cursor: number | null
}

/**
 * The subscription to a market: one activity after another runs its cycles, from where the last one came to. The run's cursor in
 * Postgres decides where that is; the one carried here is for the reader of a history.
 */
export async function SubscribeCexStreamWorkflow(input: SubscribeCexStreamInput): Promise<{ ended: FeedEnd; cursor: number }> {
  const { plan } = input
  const { continue_every, history_limit } = plan.stream_limits
  let { cursor } = input
  let cycles = 0
  for (;;) {
    const max_cycles = Math.min(cyclesPerActivity, continue_every - cycles)
    const fed = await runFeed({ plan, cursor, max_cycles })
    if (fed.ended !== null) return { ended: fed.ended, cursor: fed.cursor }
    cursor = fed.cursor
    cycles += fed.cycles
    const { historyLength, continueAsNewSuggested } = workflowInfo()
    if (cycles >= continue_every || historyLength >= history_limit || continueAsNewSuggested) {
      await continueAsNew<typeof SubscribeCexStreamWorkflow>({ plan, cursor })
    }
  }
}
