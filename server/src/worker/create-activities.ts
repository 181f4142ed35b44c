import type { Client } from '@temporalio/client'
import type { Pool } from '../database/pool.ts'
import { wallClock } from '../exchange/wall-clock.ts'
import type { ModelBudget } from '../llm/budget.ts'
import type { ModelClient } from '../llm/model.ts'
import { createAgentLogActivities } from './activities/agent-log.ts'
import { createArchiveActivities } from './activities/archive.ts'
import { createDecisionActivities } from './activities/decision.ts'
import { createFeedbackActivities } from './activities/feedback.ts'
import { createHistoryActivities } from './activities/history.ts'
import { createLedgerActivities } from './activities/ledger.ts'
import { createLedgerClientActivities } from './activities/ledger-client.ts'
import { createManualOrderActivities } from './activities/manual-orders.ts'
import { createMarketFeedActivities } from './activities/market-feed.ts'
import { createModelActivities } from './activities/model.ts'
import { createPaperVenueActivities } from './activities/paper-venue.ts'
import { createPreferencesActivities } from './activities/preferences.ts'
import { createPromptVersionActivities } from './activities/prompt-versions.ts'
import { createTradingFlagActivities } from './activities/trading-flag.ts'
import type { FeedDependencies } from './feed/feed-dependencies.ts'
import type { SourcePool } from './feed/source-pool.ts'
import { createFeedDecisions } from './feed-decisions.ts'
import { createFeedVenue } from './feed-venue.ts'

export interface WorkerServices {
  readonly pool: Pool
  readonly client: Client
  readonly taskQueue: string
  readonly sources: SourcePool
  readonly models: ModelClient
  readonly budget: ModelBudget
  /** Wall time that a decision's model may take, in ms. */
  readonly modelDeadlineMs: number
  readonly log: (text: string) => void
}

/** Every activity, on the real services. */
export function createActivities(services: WorkerServices) {
  const feed: FeedDependencies = {
    ...services,
    clock: wallClock,
    decisions: createFeedDecisions(services),
    paperVenue: createFeedVenue(services),
  }
  return {
    ...createLedgerActivities(services),
    ...createLedgerClientActivities(services),
    ...createPaperVenueActivities(services),
    ...createManualOrderActivities(services),
    ...createDecisionActivities(services),
    ...createModelActivities(services),
    ...createMarketFeedActivities(feed),
    ...createHistoryActivities(feed),
    ...createPreferencesActivities(services),
    ...createFeedbackActivities(services),
    ...createPromptVersionActivities(services),
    ...createAgentLogActivities(services),
    ...createTradingFlagActivities(services),
    ...createArchiveActivities(services),
  }
}
