import type {
  Balances,
  FillPosting,
  LedgerState,
  PostFillResult,
  RecordFill,
  ReleaseOrder,
  ReserveBatch,
  ReserveResult,
  ReserveTriggered,
} from '@trader/core/contract/ledger-messages'
import type { FeedEnd, LoadedHistory, MarketPlan } from '@trader/core/contract/market-messages'
import type { DecisionSnapshot } from '@trader/core/agent/decision-snapshot'
import type { GateState } from '@trader/core/agent/gate'
import type { Prompt } from '@trader/core/agent/prompt-render'
import type { Decision } from '@trader/core/contract/decision'
import type { ModelCall } from '@trader/core/contract/model-call'
import type { MarketKind } from '@trader/core/contract/run'
import type { RiskLimits } from '@trader/core/risk/limits'
import type { UnstampedBlock } from '@trader/core/risk/block-of'
import type { RiskSnapshot } from '@trader/core/risk/risk-snapshot'
import type { IntentMarket } from '@trader/core/order/expiry'
import type { Order } from '@trader/core/contract/order'
import type { AgentLogEntry, KeptTradingFlag, SetTradingFlag } from '@trader/core/contract/agent-messages'
import type { Book } from '@trader/core/contract/primitives'
import type { PromptVersion } from '@trader/core/contract/prompt-version'
import type { PromptVersionRef } from '@trader/core/contract/prompt-messages'
import type { Preferences, StoredPreferences } from '@trader/core/contract/preferences'
import type { Fill } from '@trader/core/contract/fill'
import type { Feedback } from '@trader/core/contract/feedback'
import type { VenueReport } from '@trader/core/contract/venue-report'

/** Postings of the execution ledger. Each is one transaction in Postgres and idempotent by the ids inside it. */
export interface LedgerActivities {
  loadLedger(input: { run_id: string; book: Book }): Promise<LedgerState>
  postReserve(batch: ReserveBatch): Promise<ReserveResult>
  postTriggeredReserve(request: ReserveTriggered): Promise<ReserveResult>
  postFill(posting: FillPosting): Promise<PostFillResult>
  postRelease(request: ReleaseOrder): Promise<Balances>
}

/** How other workflows reach the execution ledger: by an update that is answered once Postgres has it. */
export interface LedgerClientActivities {
  reserveOrders(batch: ReserveBatch): Promise<ReserveResult>
  reserveTriggeredOrder(request: ReserveTriggered): Promise<ReserveResult>
  /** Answers how much of the product is held afterwards, in base units. */
  recordFill(request: RecordFill): Promise<{ position_quantity: string }>
  releaseOrder(request: ReleaseOrder): Promise<void>
}

export interface ArmedOrders {
  readonly run_id: string
  readonly book: Book
  readonly product: string
  readonly parent_order_id: string | null
  readonly except: string | null
  readonly reason: string
  readonly market_time: number
}

/** The paper venue: it keeps its own book of open orders and matches them against ticks. */
export interface PaperVenueActivities {
  /**
   * Marks an order SENT, puts it on the venue's book and marks it WORKING; an armed one only goes on the book. Called again
   * once a stop has triggered and holds its funds. Refused where trading was paused or halted since the reservation.
   */
  submitPaperOrder(input: { order: Order; market_time: number }): Promise<{ ok: true } | { ok: false; detail: string }>
  /** Takes the order off the venue's book. Answers every report that was not delivered yet, the last one final. */
  cancelPaperOrder(input: { order_id: string; reason: string; market_time: number }): Promise<readonly VenueReport[]>
  /**
   * Cancels other sales that hold what a woken exit is to sell, as many as it needs. Answers how many; none where it has all that is
   * left of the position.
   */
  makeRoomForExit(input: { order_id: string; reason: string; market_time: number }): Promise<{ cancelled: number }>
  /** Asks an order's workflow to cancel what is left of it, and waits for that; an order that is over stays as it is. */
  cancelEntry(input: { order_id: string; reason: string; market_time: number }): Promise<void>
  /** Cancels the armed stops and take-profits of a product, or only those of one entry, but for `except`. */
  cancelArmedOrders(input: ArmedOrders): Promise<void>
}

/** Who asks a model, for the record of the call. */
export interface CallContext {
  readonly agent: ModelCall['agent']
  /** Such as `offline` or `openai:gpt-4o`. */
  readonly model: string
  readonly correlation_id: string
  readonly run_id: string | null
  readonly market_time: number
  readonly prompt_version: number | null
}

export interface ModelRequest extends CallContext {
  readonly call_id: string
  readonly prompt: Prompt
  readonly deadline_ms: number
}

export interface ModelReply {
  readonly outcome: ModelCall['outcome']
  readonly text: string
  readonly error: string | null
  readonly latency_ms: number
}

export interface ModelActivities {
  /** Asks the configured model and stores the call. Never fails for a fault of the model: that is an outcome. */
  callModel(request: ModelRequest): Promise<ModelReply>
}

/** What a decision starts from, read at one instant. */
export interface Gathered {
  readonly snapshot: DecisionSnapshot
  readonly risk: RiskSnapshot
  readonly limits: RiskLimits
  readonly gate: GateState
  readonly feed: { readonly market: MarketKind; readonly timeframeMs: number }
  readonly model_deadline_ms: number
}

/** A decision before the database has put its time of recording on it. */
export type DecisionRecord = Omit<Decision, 'recorded_at'>

/** What an order that nobody's agent decided is checked against. */
export interface GatheredRisk {
  readonly risk: RiskSnapshot
  readonly limits: RiskLimits
  readonly feed: IntentMarket
  /** Market time of the moment that was read, in ms. */
  readonly market_time: number
}

export interface ManualOrderActivities {
  gatherRisk(input: { run_id: string; book: Book }): Promise<GatheredRisk>
  recordBlocks(blocks: readonly UnstampedBlock[]): Promise<void>
  listFillsOf(order_ids: readonly string[]): Promise<readonly Fill[]>
  /** Every open order of a run, armed stops and take-profits included. */
  cancelOpenOrders(input: { run_id: string; book: Book; reason: string; market_time: number }): Promise<{ cancelled: readonly string[] }>
}

export interface PauseActivities {
  /** By the execution agent, as every change of the flag. */
  pauseTrading(input: { book: Book; reason: string; by: string }): Promise<void>
}

export interface DecisionActivities {
  gather(input: { run_id: string; book: Book; market_time: number }): Promise<Gathered>
  /** Stores the decision, its blocks and the feedback it used in one transaction; repeated, it changes nothing. */
  saveDecision(decision: DecisionRecord): Promise<void>
  /** Tells of a decision that the database will never take: an event, and a line in the log. */
  reportUnsavedDecision(input: {
    decision: Pick<DecisionRecord, 'id' | 'run_id' | 'book' | 'market_time' | 'orders'>
    why: string
  }): Promise<void>
}

/** A conflict: the request's id was used before, for another change. */
export type StoredOrConflict =
  | { readonly status: 'stored'; readonly preferences: StoredPreferences }
  | { readonly status: 'conflict'; readonly detail: string }

/** Preferences as they are stored, version 0 being the contract's defaults. */
export interface PreferencesActivities {
  loadPreferences(): Promise<StoredPreferences>
  /** Merges a change into the newest version. The same `request_id` again answers what it made the first time. */
  storePreferences(input: { request_id: string; change: Partial<Preferences>; book: Book }): Promise<StoredOrConflict>
  /** Tells the ledger of a book to scrape by these preferences. A ledger that does not run reads them when it starts. */
  applyScrapeFraction(input: { book: Book; preferences: StoredPreferences }): Promise<void>
}

export interface StoreFeedback {
  readonly feedback_id: string
  readonly target: Feedback['target']
  readonly message: string
  readonly book: Book
}

/** Each answers the messages that wait for `target`, oldest first. */
export interface FeedbackActivities {
  loadPendingFeedback(target: Feedback['target']): Promise<Feedback[]>
  storeFeedback(feedback: StoreFeedback): Promise<{ status: 'stored' | 'exists' | 'too_many' | 'conflict'; pending: Feedback[] }>
}

/** Prompt versions without their prose, the newest last. */
export interface PromptHistory {
  readonly versions: PromptVersionRef[]
  readonly active: PromptVersionRef
}

export interface StorePromptVersion {
  readonly request_id: string
  readonly draft: Pick<PromptVersion, 'mode' | 'policy' | 'text' | 'text_hash'>
  readonly reason: string
  readonly author: PromptVersion['author']
  readonly evidence: PromptVersion['evidence']
  readonly parent_version: number
  readonly created_by: string | null
  readonly book: Book
}

export interface ActivatePromptVersion {
  readonly request_id: string
  readonly version: number
  readonly reason: string
  readonly author: PromptVersion['author']
  readonly book: Book
}

/** `version` is what the request made, now or when it came first; another may be active since. */
export interface PromptStored {
  readonly status: 'stored'
  readonly version: PromptVersionRef
  readonly history: PromptHistory
}

export interface PromptVersionActivities {
  /** Makes version 1 where there is none, and reads the newest versions. */
  loadPromptHistory(input: { book: Book }): Promise<PromptHistory>
  /** Adds a version and activates it, where the active version is still the parent. */
  storePromptVersion(input: StorePromptVersion): Promise<PromptStored | { status: 'parent_changed'; history: PromptHistory }>
  activatePromptVersion(
    input: ActivatePromptVersion,
  ): Promise<PromptStored | { status: 'unknown_version' | 'already_active'; history: PromptHistory }>
}

export interface AgentLogActivities {
  /** Adds lines to the log that outlives the agents' short memory; a line that is there already stays as it is. */
  storeAgentLog(entries: readonly AgentLogEntry[]): Promise<void>
}

export interface TradingFlagActivities {
  loadTradingFlag(input: { book: Book }): Promise<KeptTradingFlag>
  storeTradingFlag(input: SetTradingFlag & { book: Book }): Promise<void>
}

export interface FeedInput {
  readonly plan: MarketPlan
  /** Null for the first feed of a subscription. */
  readonly cursor: number | null
  readonly max_cycles: number
}

export interface FeedResult {
  readonly cursor: number
  /** Cycles of the last attempt. */
  readonly cycles: number
  /** Null where the feed only paused. */
  readonly ended: FeedEnd | null
}

/** The market source, run in cycles. Each cycle may be repeated; the run's cursor is saved last. */
export interface MarketFeedActivities {
  runFeed(input: FeedInput): Promise<FeedResult>
  finishRun(input: { run_id: string; market_time: number }): Promise<void>
}

export interface ArchiveActivities {
  /** Copies histories of closed decisions and their orders from Temporal to Postgres; a workflow that is copied is not copied again. */
  archiveHistories(input: { limit: number }): Promise<{ archived: number; isComplete: boolean }>
}

export interface HistoryActivities {
  /** Stores the candles before the feed's first tick and opens the product's feature window with them. */
  loadHistory(input: { plan: MarketPlan; product: string }): Promise<LoadedHistory>
}
