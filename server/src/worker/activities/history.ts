import type { HistoryActivities } from '@trader/workflows/activities'
import { type HistoryDependencies, loadHistory } from '../feed/load-history.ts'
import { beating } from './beating.ts'

/** History before the first tick, one product at a time. */
export function createHistoryActivities(deps: HistoryDependencies): HistoryActivities {
  return { loadHistory: (input) => beating(() => loadHistory(deps, input)) }
}
