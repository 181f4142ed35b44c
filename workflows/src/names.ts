import type { Book } from '@trader/core/contract/primitives'
import { isoTime } from './workflow-time.ts'

/** Ids and queues of everything durable. This file alone builds and parses them. */
export const brokerAgentId = 'broker-agent'
export const executionAgentId = 'execution-agent'
export const judgeAgentId = 'judge-agent'
export const marketStreamId = 'market-stream'
export const subscriptionId = 'subscribe-cex-stream'
export const executionNudgeScheduleId = 'execution-nudge'
/** The Schedule, and the workflows it starts. */
export const archiveHistoriesId = 'archive-histories'

export const defaultTaskQueue = 'trader'
export const gatewayTaskQueue = 'exchange-gateway'

export const executionLedgerId = (book: Book): string => `execution-ledger-${book}`

/** Signs that a workflow id cannot do without escaping are not in a product's name, so it is used as it is. */
export const featureId = (product: string): string => `feature-${product}`

export const historicalLoaderId = (runId: string): string => `historical-loader-${runId}`

/** One decision of a run at one market time (ms since 1970), written as ISO 8601 so that ids sort and read well. */
export function decisionId({ runId, marketTime }: { runId: string; marketTime: number }): string {
  return `decision-${runId}-${isoTime(marketTime)}`
}

/** Scheduled decisions: Temporal appends the scheduled time to this. */
export const scheduledDecisionPrefix = (runId: string): string => `decision-${runId}`

/** Whether an order's origin is a decision, and not a person. */
export const isDecision = (origin: string): boolean => origin.startsWith('decision-')

export const manualOrigin = (idempotencyKey: string): string => `manual-${idempotencyKey}`
/** Writes what could not be recorded at once of an origin: a refusal or a decision. */
export const recordLaterId = (origin: string): string => `record-${origin}`
export const batchId = (origin: string): string => `batch-${origin}`
export const flattenOrigin = (key: string): string => `flatten-${key}`

/** The origin of the stop and the take-profit that protect an entry from one of its fills on: the first, or the first after the position was closed. */
export const protectionOrigin = ({ order_id, trade_id }: { order_id: string; trade_id: string }): string =>
  `protect-${order_id}-${trade_id}`
