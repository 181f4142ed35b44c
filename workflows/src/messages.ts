import type {
  actionLog,
  AddFeedback,
  AddFeedbackResult,
  AgentLogEntry,
  DecisionLog,
  ExecutionState,
  ExecutionStats,
  interactionLog,
  LogQuery,
  PreferencesPatch,
  SetPreferencesResult,
  SetTradingFlag,
  SetTradingFlagResult,
  summaryLog,
} from '@trader/core/contract/agent-messages'
import type { Feedback } from '@trader/core/contract/feedback'
import type { StoredPreferences } from '@trader/core/contract/preferences'
import type { PromptChangeResult, PromptVersionRef, RollbackPrompt, UpdateSystemPrompt } from '@trader/core/contract/prompt-messages'
import type {
  LedgerState,
  RecordFill,
  ReleaseOrder,
  ReserveBatch,
  ReserveResult,
  ReserveTriggered,
} from '@trader/core/contract/ledger-messages'
import type {
  FeatureStatus,
  LatestPrice,
  MarketPlan,
  MarketStreamStatus,
  MissedCandles,
  OpenWindow,
  TickBatch,
} from '@trader/core/contract/market-messages'
import type { FeatureVector } from '@trader/core/contract/feature-vector'
import type { Order } from '@trader/core/contract/order'
import type { SeenPrice } from '@trader/core/market/feature-window'
import type { CancelRequest, VenueReport } from '@trader/core/contract/venue-report'
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow'
import type { z } from 'zod'

/** Everything that may be said to a workflow, by name. Clients and workflows share these definitions. */
export const reserveUpdate = defineUpdate<ReserveResult, [ReserveBatch]>('reserve')
export const reserveTriggeredUpdate = defineUpdate<ReserveResult, [ReserveTriggered]>('reserve_triggered')
export const recordFillUpdate = defineUpdate<{ position_quantity: string }, [RecordFill]>('record_fill')
export const releaseUpdate = defineUpdate<void, [ReleaseOrder]>('release')
export const setScrapeFractionUpdate = defineUpdate<number, [number]>('set_scrape_fraction')
export const openRunUpdate = defineUpdate<void, [string]>('open_run')
/** Reads the books again after something outside the ledger's own postings changed them. */
export const reloadUpdate = defineUpdate<void, [null]>('reload')
export const ledgerStateQuery = defineQuery<LedgerState>('get_ledger_state')

export const venueReportUpdate = defineUpdate<void, [VenueReport]>('venue_report')
export const cancelOrderUpdate = defineUpdate<Order['state'], [CancelRequest]>('cancel')
export const orderQuery = defineQuery<Order>('get_order')

/** To the broker agent. The signals of these names do the same for clients that cannot ask. */
export const setUserPreferencesUpdate = defineUpdate<SetPreferencesResult, [PreferencesPatch]>('set_user_preferences')
export const setUserPreferencesSignal = defineSignal<[PreferencesPatch]>('set_user_preferences')
export const logInteractionSignal = defineSignal<[z.input<typeof interactionLog>]>('log_interaction')
export const userPreferencesQuery = defineQuery<StoredPreferences>('get_user_preferences')

/** To the execution and the judge agent, from the broker: a new version is stored. */
export const preferencesChangedSignal = defineSignal<[StoredPreferences]>('preferences_changed')

/** To the execution and the judge agent. */
export const addUserFeedbackUpdate = defineUpdate<AddFeedbackResult, [AddFeedback]>('add_user_feedback')
export const addUserFeedbackSignal = defineSignal<[AddFeedback]>('add_user_feedback')
export const pendingFeedbackQuery = defineQuery<Feedback[]>('get_pending_feedback')

/** To any agent. */
export const agentLogsQuery = defineQuery<AgentLogEntry[], [LogQuery?]>('get_logs')

/** To the execution agent. */
export const setTradingFlagUpdate = defineUpdate<SetTradingFlagResult, [SetTradingFlag]>('set_trading_flag')
export const logDecisionSignal = defineSignal<[DecisionLog]>('log_decision')
export const logActionSignal = defineSignal<[z.input<typeof actionLog>]>('log_action')
export const logSummarySignal = defineSignal<[z.input<typeof summaryLog>]>('log_summary')
export const promptActivatedSignal = defineSignal<[PromptVersionRef]>('prompt_version_activated')
export const recentDecisionsQuery = defineQuery<DecisionLog[], [number?]>('get_recent_decisions')
export const recentActionsQuery = defineQuery<AgentLogEntry[], [number?]>('get_recent_actions')
export const executionStatsQuery = defineQuery<ExecutionStats>('get_stats')
export const executionStateQuery = defineQuery<ExecutionState>('get_execution_state')

/** To the judge agent. */
export const updateSystemPromptUpdate = defineUpdate<PromptChangeResult, [UpdateSystemPrompt]>('update_system_prompt')
export const updateSystemPromptSignal = defineSignal<[UpdateSystemPrompt]>('update_system_prompt')
export const rollbackPromptUpdate = defineUpdate<PromptChangeResult, [RollbackPrompt]>('rollback_prompt')
export const rollbackPromptSignal = defineSignal<[RollbackPrompt]>('rollback_prompt')
export const promptVersionsQuery = defineQuery<PromptVersionRef[], [number?]>('get_prompt_versions')
export const currentPromptVersionQuery = defineQuery<PromptVersionRef | null>('get_current_prompt_version')

/** Market stream. A plan equal to the running one changes nothing; any other is answered when the old feed has ended. */
export const replaceMarketStreamUpdate = defineUpdate<{ run_id: string; replaced: boolean }, [MarketPlan]>('replace_market_stream')
export const stopMarketStreamUpdate = defineUpdate<{ run_id: string }, [null]>('stop_market_stream')
export const marketStreamStatusQuery = defineQuery<MarketStreamStatus>('get_market_status')

export const openWindowSignal = defineSignal<[OpenWindow]>('open_window')
export const missedCandlesSignal = defineSignal<[MissedCandles]>('missed_candles')
export const tickBatchSignal = defineSignal<[TickBatch]>('tick_batch')
/** The features at a market time; at null, of all that is known. */
export const featureVectorQuery = defineQuery<FeatureVector, [number | null]>('get_feature_vector')
/** Prices of the window after a market time. */
export const historicalTicksQuery = defineQuery<SeenPrice[], [number]>('historical_ticks')
export const latestPriceQuery = defineQuery<LatestPrice | null>('get_latest_price')
export const featureStatusQuery = defineQuery<FeatureStatus>('get_feature_status')

/** A workflow that is about to continue as new turns updates away with this type; the caller tries again. */
export const rollingOver = 'RollingOver'
