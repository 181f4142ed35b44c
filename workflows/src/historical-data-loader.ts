import { rootCause } from '@temporalio/common'
import { isCancellation, proxyActivities } from '@temporalio/workflow'
import type { LoadedHistory, MarketPlan } from '@trader/core/contract/market-messages'
import type { HistoryActivities } from './activities.ts'

const { loadHistory } = proxyActivities<HistoryActivities>({
  startToCloseTimeout: '2m',
  heartbeatTimeout: '5s',
  retry: { initialInterval: '500ms', maximumInterval: '5s', maximumAttempts: 5, nonRetryableErrorTypes: ['SourceRefused'] },
})

/** Loads the time before the first tick into each product's features. A product that cannot be loaded begins without. */
export async function HistoricalDataLoaderWorkflow(plan: MarketPlan): Promise<LoadedHistory[]> {
  return Promise.all(
    plan.products.map(async (product) => {
      try {
        return await loadHistory({ plan, product })
      } catch (error) {
        if (isCancellation(error)) throw error
        return { product, candles: 0, error: (rootCause(error) ?? 'unknown').slice(0, 500) }
      }
    }),
  )
}
