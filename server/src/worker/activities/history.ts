import type { HistoryActivities } from '@trader/workflows/activities'
import type { FeedDependencies } from '../feed/feed-dependencies.ts'
import { loadHistory } from '../feed/load-history.ts'
import { beating } from './beating.ts'

/** History before the first tick, one product at a time. */
export function createHistoryActivities(deps: Omit<FeedDependencies, 'paperVenue' | 'decisions' | 'clock'>): HistoryActivities {
  return { loadHistory: (input) => beating(() => loadHistory(deps, input)) }
}
