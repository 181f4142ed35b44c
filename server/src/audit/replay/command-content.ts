import type { google, temporal } from '@temporalio/proto'
import type { Command } from './command.ts'
import { durationOf, payloadMapOf, payloadsOf, retryPolicyOf } from './message-value.ts'

// A worker leaves fields out, the server fills them in and records what it filled in. Both sides go through here: on what is
// recorded already it changes nothing.

type Duration = google.protobuf.IDuration | null | undefined
type Payloads = readonly temporal.api.common.v1.IPayload[] | null | undefined
type PayloadMap = Readonly<Record<string, temporal.api.common.v1.IPayload>> | null | undefined
type Content = Command['content']

/** What the fields of a workflow default to. */
export interface Defaults {
  readonly namespace: string
  readonly taskQueue: string
  readonly workflowType: string
  /** Of the workflow's run, in ms; 0 where it has no limit. */
  readonly runTimeoutMs: number
  readonly taskTimeoutMs: number
}

export interface ActivityFields {
  readonly taskQueue?: string | null | undefined
  readonly input: Payloads
  readonly headers: PayloadMap
  readonly scheduleToCloseTimeout?: Duration
  readonly scheduleToStartTimeout?: Duration
  readonly startToCloseTimeout?: Duration
  readonly heartbeatTimeout?: Duration
  readonly retryPolicy?: temporal.api.common.v1.IRetryPolicy | null | undefined
}

export function activityContent(fields: ActivityFields, { taskQueue, runTimeoutMs }: Defaults): Content {
  return {
    task_queue: fields.taskQueue || taskQueue,
    input: payloadsOf(fields.input),
    headers: payloadMapOf(fields.headers),
    ...activityTimeouts(fields, runTimeoutMs),
    retry_policy: retryPolicyOf(fields.retryPolicy),
  }
}

/** Timeouts in ms as Temporal's server completes them: one that is missing follows from the others, none is longer than the run's. */
function activityTimeouts(fields: ActivityFields, runTimeoutMs: number): Content {
  const limit = (timeout: number): number => (runTimeoutMs > 0 ? Math.min(timeout, runTimeoutMs) : timeout)
  const given = {
    close: durationOf(fields.scheduleToCloseTimeout),
    start: durationOf(fields.scheduleToStartTimeout),
    run: durationOf(fields.startToCloseTimeout),
  }
  const close = given.close || runTimeoutMs
  const start = given.start > 0 && given.close > 0 ? Math.min(given.start, close) : given.start || close
  const run = given.close > 0 && given.run > 0 ? Math.min(given.run, close) : given.run || close
  return {
    schedule_to_close_ms: limit(close),
    schedule_to_start_ms: limit(start),
    start_to_close_ms: limit(run),
    heartbeat_ms: Math.min(limit(durationOf(fields.heartbeatTimeout)), limit(run)),
  }
}

export interface ChildFields {
  readonly namespace?: string | null | undefined
  readonly taskQueue?: string | null | undefined
  readonly input: Payloads
  readonly headers: PayloadMap
  readonly memo: PayloadMap
  readonly searchAttributes: PayloadMap
  readonly workflowExecutionTimeout?: Duration
  readonly workflowRunTimeout?: Duration
  readonly workflowTaskTimeout?: Duration
  readonly retryPolicy?: temporal.api.common.v1.IRetryPolicy | null | undefined
  readonly parentClosePolicy?: number | null | undefined
  readonly workflowIdReusePolicy?: number | null | undefined
  readonly cronSchedule?: string | null | undefined
}

/** Terminate a child with its parent; allow an id again. */
const defaultPolicy = 1

export function childContent(fields: ChildFields, { namespace, taskQueue, taskTimeoutMs }: Defaults): Content {
  return {
    namespace: fields.namespace || namespace,
    task_queue: fields.taskQueue || taskQueue,
    input: payloadsOf(fields.input),
    headers: payloadMapOf(fields.headers),
    memo: payloadMapOf(fields.memo),
    search_attributes: payloadMapOf(fields.searchAttributes),
    execution_timeout_ms: durationOf(fields.workflowExecutionTimeout),
    run_timeout_ms: durationOf(fields.workflowRunTimeout) || durationOf(fields.workflowExecutionTimeout),
    task_timeout_ms: durationOf(fields.workflowTaskTimeout) || taskTimeoutMs,
    // A child that fails is not started again unless a policy says so.
    retry_policy: fields.retryPolicy == null ? null : retryPolicyOf(fields.retryPolicy),
    parent_close_policy: fields.parentClosePolicy || defaultPolicy,
    id_reuse_policy: fields.workflowIdReusePolicy || defaultPolicy,
    cron_schedule: fields.cronSchedule ?? '',
  }
}

export interface NextRunFields {
  readonly taskQueue?: string | null | undefined
  readonly input: Payloads
  readonly headers: PayloadMap
  readonly memo: PayloadMap
  readonly searchAttributes: PayloadMap
  readonly workflowRunTimeout?: Duration
  readonly workflowTaskTimeout?: Duration
}

export function nextRunContent(fields: NextRunFields, { taskQueue, runTimeoutMs, taskTimeoutMs }: Defaults): Content {
  return {
    task_queue: fields.taskQueue || taskQueue,
    input: payloadsOf(fields.input),
    headers: payloadMapOf(fields.headers),
    memo: payloadMapOf(fields.memo),
    search_attributes: payloadMapOf(fields.searchAttributes),
    run_timeout_ms: durationOf(fields.workflowRunTimeout) || runTimeoutMs,
    task_timeout_ms: durationOf(fields.workflowTaskTimeout) || taskTimeoutMs,
  }
}

export interface SignalFields {
  readonly namespace?: string | null | undefined
  readonly workflowId?: string | null | undefined
  readonly runId?: string | null | undefined
  readonly input: Payloads
  readonly headers: PayloadMap
  readonly childOnly: boolean
}

export function signalContent(fields: SignalFields, { namespace }: Defaults): Content {
  return {
    namespace: fields.namespace || namespace,
    run_id: fields.runId ?? '',
    child_only: fields.childOnly,
    input: payloadsOf(fields.input),
    headers: payloadMapOf(fields.headers),
  }
}
