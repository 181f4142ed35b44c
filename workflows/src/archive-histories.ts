import { proxyActivities } from '@temporalio/workflow'
import type { ArchiveActivities } from './activities.ts'

/** A batch is some hundred small reads and writes; what is left after a failure is taken up a minute later. */
const { archiveHistories } = proxyActivities<ArchiveActivities>({
  startToCloseTimeout: '1m',
  scheduleToCloseTimeout: '5m',
  retry: { initialInterval: '1s', maximumInterval: '30s' },
})

const perBatch = 200
/** A day of decisions is less; more waits for the next minute. */
const mostBatches = 50

/** Copies the histories of closed decisions to Postgres, and tells how many workflows it copied. The Schedule runs it each minute. */
export async function ArchiveHistoriesWorkflow(): Promise<number> {
  let archived = 0
  for (let batch = 0; batch < mostBatches; batch += 1) {
    const outcome = await archiveHistories({ limit: perBatch })
    archived += outcome.archived
    if (outcome.isComplete) break
  }
  return archived
}
