import proto, { type temporal } from '@temporalio/proto'
import type { Command } from './command.ts'
import { activityContent, childContent, type Defaults, nextRunContent, signalContent } from './command-content.ts'
import { durationOf, failureOf, payloadMapOf, payloadOf, payloadsOf } from './message-value.ts'
import { workflowTasks } from './workflow-tasks.ts'

type History = temporal.api.history.v1.IHistory
type Event = temporal.api.history.v1.IHistoryEvent
type Step = Omit<Command, 'task'>

const { EventType } = proto.temporal.api.enums.v1

/** Temporal's core writes this search attribute by itself, after a patch marker: no command of the workflow's. */
const changeVersions = 'TemporalChangeVersion'

/** What a history says that its workflow did, in order. */
export function recordedCommands(history: History, defaults: Defaults): Command[] {
  const events = history.events ?? []
  const known = { activities: new Map<string, string>(), updates: updateNames(events), defaults }
  const tasks = workflowTasks(events)
  return events.flatMap((event) => {
    const activity = event.activityTaskScheduledEventAttributes
    if (activity) known.activities.set(String(event.eventId), activity.activityId ?? '')
    const step = stepOf(event, known)
    if (step === null) return []
    const task = tasks.findLast((one) => one.completed <= Number(event.eventId))
    return [{ ...step, task: task?.began ?? 0 }]
  })
}

interface Known {
  /** Ids of activities by the event that scheduled them. */
  readonly activities: Map<string, string>
  /** Names of updates by their id. */
  readonly updates: ReadonlyMap<string, string>
  readonly defaults: Defaults
}

/** Names of the updates that a history took, by their id. */
export function updateNames(events: readonly Event[]): ReadonlyMap<string, string> {
  return new Map(
    events.flatMap(({ workflowExecutionUpdateAcceptedEventAttributes: update }) =>
      update ? [[update.protocolInstanceId ?? '', update.acceptedRequest?.input?.name ?? ''] as const] : [],
    ),
  )
}

function stepOf(event: Event, known: Known): Step | null {
  return startedWork(event, known) ?? messageStep(event, known) ?? ending(event, known)
}

function startedWork(event: Event, { activities, defaults }: Known): Step | null {
  const activity = event.activityTaskScheduledEventAttributes
  if (activity) {
    const fields = { ...activity, taskQueue: activity.taskQueue?.name, input: activity.input?.payloads, headers: activity.header?.fields }
    const { activityId, activityType } = activity
    return { kind: 'activity', id: activityId ?? '', name: activityType?.name ?? '', content: activityContent(fields, defaults) }
  }
  const cancelled = event.activityTaskCancelRequestedEventAttributes
  if (cancelled) {
    return { kind: 'activity cancellation', id: activities.get(String(cancelled.scheduledEventId)) ?? '', name: '', content: {} }
  }
  const timer = event.timerStartedEventAttributes
  if (timer) return { kind: 'timer', id: timer.timerId ?? '', name: '', content: { duration_ms: durationOf(timer.startToFireTimeout) } }
  const stopped = event.timerCanceledEventAttributes
  if (stopped) return { kind: 'timer cancellation', id: stopped.timerId ?? '', name: '', content: {} }
  const child = event.startChildWorkflowExecutionInitiatedEventAttributes
  if (child) {
    const { workflowId, workflowType } = child
    const fields = { ...child, taskQueue: child.taskQueue?.name, input: child.input?.payloads, ...mapsOf(child) }
    return { kind: 'child workflow', id: workflowId ?? '', name: workflowType?.name ?? '', content: childContent(fields, defaults) }
  }
  return null
}

function messageStep(event: Event, { updates, defaults }: Known): Step | null {
  const signal = event.signalExternalWorkflowExecutionInitiatedEventAttributes
  if (signal) {
    const { workflowId, runId } = signal.workflowExecution ?? {}
    const { namespace, childWorkflowOnly, input, header } = signal
    const fields = { namespace, workflowId, runId, childOnly: childWorkflowOnly ?? false, input: input?.payloads, headers: header?.fields }
    return { kind: 'signal', id: workflowId ?? '', name: signal.signalName ?? '', content: signalContent(fields, defaults) }
  }
  const cancelled = event.requestCancelExternalWorkflowExecutionInitiatedEventAttributes
  if (cancelled) {
    const { workflowId, runId } = cancelled.workflowExecution ?? {}
    // A child's run is filled in by Temporal's core.
    return {
      kind: 'workflow cancellation',
      id: workflowId ?? '',
      name: '',
      content: { run_id: (!cancelled.childWorkflowOnly && runId) || '' },
    }
  }
  const accepted = event.workflowExecutionUpdateAcceptedEventAttributes
  if (accepted) {
    const id = accepted.protocolInstanceId ?? ''
    return { kind: 'update accepted', id, name: updates.get(id) ?? '', content: {} }
  }
  const completed = event.workflowExecutionUpdateCompletedEventAttributes
  if (completed) {
    const id = completed.meta?.updateId ?? ''
    const { success, failure } = completed.outcome ?? {}
    const content = failure ? { failure: failureOf(failure) } : { result: payloadOf(success?.payloads?.[0]) }
    return { kind: 'update completed', id, name: updates.get(id) ?? '', content }
  }
  return noteStep(event)
}

/** Marks, search attributes and memo: what a workflow writes on itself. */
function noteStep(event: Event): Step | null {
  const marker = event.markerRecordedEventAttributes
  if (marker) {
    const details = Object.fromEntries(Object.entries(marker.details ?? {}).map(([name, { payloads }]) => [name, payloadsOf(payloads)]))
    return { kind: 'marker', id: '', name: marker.markerName ?? '', content: details }
  }
  const attributes = event.upsertWorkflowSearchAttributesEventAttributes?.searchAttributes?.indexedFields
  if (attributes && !(changeVersions in attributes)) {
    return { kind: 'search attributes', id: '', name: '', content: payloadMapOf(attributes) }
  }
  const memo = event.workflowPropertiesModifiedEventAttributes
  if (memo) return { kind: 'memo', id: '', name: '', content: payloadMapOf(memo.upsertedMemo?.fields) }
  return null
}

function ending(event: Event, { defaults }: Known): Step | null {
  const { eventType } = event
  if (eventType === EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED) {
    const payloads = event.workflowExecutionCompletedEventAttributes?.result?.payloads
    return { kind: 'result', id: '', name: '', content: { result: payloadOf(payloads?.[0]) } }
  }
  if (eventType === EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED) {
    const failure = failureOf(event.workflowExecutionFailedEventAttributes?.failure)
    return { kind: 'failure', id: '', name: '', content: { failure } }
  }
  if (eventType === EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED) return { kind: 'cancelled', id: '', name: '', content: {} }
  const next = event.workflowExecutionContinuedAsNewEventAttributes
  if (!next) return null
  const fields = { ...next, taskQueue: next.taskQueue?.name, input: next.input?.payloads, ...mapsOf(next) }
  return { kind: 'continue as new', id: '', name: next.workflowType?.name ?? '', content: nextRunContent(fields, defaults) }
}

type WithMaps = Pick<temporal.api.history.v1.IStartChildWorkflowExecutionInitiatedEventAttributes, 'header' | 'memo' | 'searchAttributes'>

function mapsOf({ header, memo, searchAttributes }: WithMaps) {
  return { headers: header?.fields, memo: memo?.fields, searchAttributes: searchAttributes?.indexedFields }
}
