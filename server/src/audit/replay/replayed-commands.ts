import type { coresdk } from '@temporalio/proto'
import type { Command } from './command.ts'
import { activityContent, childContent, type Defaults, nextRunContent, signalContent } from './command-content.ts'
import { durationOf, failureOf, payloadMapOf, payloadOf } from './message-value.ts'

type Sent = coresdk.workflow_commands.IWorkflowCommand
type Step = Omit<Command, 'task'>

/** What a worker answered to one activation of a workflow. */
export interface Answer {
  /** Event id at which the workflow task began. */
  readonly task: number
  readonly commands: readonly Sent[]
}

export interface ReplayContext {
  readonly defaults: Defaults
  /** Names of the updates that the history took, by their id. */
  readonly updates: ReadonlyMap<string, string>
}

/** What a replayed workflow did, in order, as the server would have been told. */
export function replayedCommands(answers: readonly Answer[], context: ReplayContext): Command[] {
  const started = new Started()
  const sent: (Command & { readonly key: string | null; readonly cancels: string | null })[] = []
  for (const { task, commands } of answers) {
    for (const command of commands) {
      const step = stepOf(command, { ...context, started })
      if (step !== null) sent.push({ ...step, task, key: startKey(command), cancels: cancelKey(command) })
    }
  }
  // What is started and cancelled in one task was never told to the server.
  const withdrawn = new Set(
    sent.flatMap(({ cancels, task }) => (sent.some((one) => one.key === cancels && one.task === task) ? [`${cancels}`] : [])),
  )
  return sent
    .filter(({ key, cancels }) => !withdrawn.has(key ?? '') && !withdrawn.has(cancels ?? ''))
    .map(({ kind, id, name, content, task }) => ({ kind, id, name, content, task }))
}

function startKey(command: Sent): string | null {
  const { startTimer, scheduleActivity, startChildWorkflowExecution: child } = command
  if (startTimer) return `timer ${startTimer.seq}`
  if (scheduleActivity) return `activity ${scheduleActivity.seq}`
  return child ? `child ${child.seq}` : null
}

function cancelKey({ cancelTimer, requestCancelActivity, cancelChildWorkflowExecution: child }: Sent): string | null {
  if (cancelTimer) return `timer ${cancelTimer.seq}`
  if (requestCancelActivity) return `activity ${requestCancelActivity.seq}`
  return child ? `child ${child.childWorkflowSeq}` : null
}

/** What later commands call by its number. */
class Started {
  readonly activities = new Map<number, string>()
  readonly children = new Map<number, string>()
}

interface Context extends ReplayContext {
  readonly started: Started
}

function stepOf(sent: Sent, context: Context): Step | null {
  // An answer to a question, and an end of waiting for a signal's delivery, are no events.
  if (sent.respondToQuery || sent.cancelSignalWorkflow) return null
  return (
    startedWork(sent, context) ??
    messageStep(sent, context) ??
    noteStep(sent) ??
    ending(sent, context) ?? { kind: 'unknown', id: '', name: Object.keys(sent).join(' '), content: {} }
  )
}

function startedWork(sent: Sent, { defaults, started }: Context): Step | null {
  const activity = sent.scheduleActivity
  if (activity) {
    const { seq, activityId, activityType, arguments: input, headers } = activity
    started.activities.set(seq ?? 0, activityId ?? '')
    const content = activityContent({ ...activity, input, headers }, defaults)
    return { kind: 'activity', id: activityId ?? '', name: activityType ?? '', content }
  }
  if (sent.requestCancelActivity) {
    const id = started.activities.get(sent.requestCancelActivity.seq ?? 0) ?? ''
    return { kind: 'activity cancellation', id, name: '', content: {} }
  }
  const local = sent.scheduleLocalActivity
  if (local) return { kind: 'local activity', id: local.activityId ?? '', name: local.activityType ?? '', content: {} }
  const timer = sent.startTimer
  if (timer) return { kind: 'timer', id: String(timer.seq), name: '', content: { duration_ms: durationOf(timer.startToFireTimeout) } }
  if (sent.cancelTimer) return { kind: 'timer cancellation', id: String(sent.cancelTimer.seq), name: '', content: {} }
  const child = sent.startChildWorkflowExecution
  if (!child) return null
  const { seq, workflowId, workflowType, input, headers, memo, searchAttributes } = child
  started.children.set(seq ?? 0, workflowId ?? '')
  const fields = { ...child, input, headers, memo, searchAttributes: searchAttributes?.indexedFields }
  return { kind: 'child workflow', id: workflowId ?? '', name: workflowType ?? '', content: childContent(fields, defaults) }
}

function messageStep(sent: Sent, { defaults, started, updates }: Context): Step | null {
  const signal = sent.signalExternalWorkflowExecution
  if (signal) {
    const { workflowExecution: target, childWorkflowId, signalName, args: input, headers } = signal
    const workflowId = target?.workflowId || childWorkflowId
    const childOnly = Boolean(childWorkflowId)
    const fields = { namespace: target?.namespace, workflowId, runId: target?.runId, childOnly, input, headers }
    return { kind: 'signal', id: workflowId ?? '', name: signalName ?? '', content: signalContent(fields, defaults) }
  }
  const external = sent.requestCancelExternalWorkflowExecution?.workflowExecution
  if (external) return { kind: 'workflow cancellation', id: external.workflowId ?? '', name: '', content: { run_id: external.runId ?? '' } }
  const child = sent.cancelChildWorkflowExecution
  if (child) {
    const id = started.children.get(child.childWorkflowSeq ?? 0) ?? ''
    return { kind: 'workflow cancellation', id, name: '', content: { run_id: '' } }
  }
  const update = sent.updateResponse
  if (!update) return null
  const id = update.protocolInstanceId ?? ''
  const name = updates.get(id) ?? ''
  if (update.accepted) return { kind: 'update accepted', id, name, content: {} }
  const content = update.rejected ? { failure: failureOf(update.rejected) } : { result: payloadOf(update.completed) }
  return { kind: 'update completed', id, name, content }
}

/** Marks, search attributes and memo: what a workflow writes on itself. */
function noteStep({
  setPatchMarker: patch,
  upsertWorkflowSearchAttributes: attributes,
  modifyWorkflowProperties: memo,
}: Sent): Step | null {
  if (patch) {
    const mark = JSON.stringify({ id: patch.patchId ?? '', deprecated: patch.deprecated ?? false })
    return { kind: 'marker', id: '', name: 'core_patch', content: { 'patch-data': [{ encoding: 'json/plain', payload: mark }] } }
  }
  if (attributes) {
    return { kind: 'search attributes', id: '', name: '', content: payloadMapOf(attributes.searchAttributes?.indexedFields) }
  }
  return memo ? { kind: 'memo', id: '', name: '', content: payloadMapOf(memo.upsertedMemo?.fields) } : null
}

function ending(sent: Sent, { defaults }: Context): Step | null {
  const { completeWorkflowExecution: completed, failWorkflowExecution: failed, continueAsNewWorkflowExecution: next } = sent
  if (completed) return { kind: 'result', id: '', name: '', content: { result: payloadOf(completed.result) } }
  if (failed) return { kind: 'failure', id: '', name: '', content: { failure: failureOf(failed.failure) } }
  if (sent.cancelWorkflowExecution) return { kind: 'cancelled', id: '', name: '', content: {} }
  if (!next) return null
  const { workflowType, arguments: input, headers, memo, searchAttributes } = next
  const fields = { ...next, input, headers, memo, searchAttributes: searchAttributes?.indexedFields }
  return { kind: 'continue as new', id: '', name: workflowType || defaults.workflowType, content: nextRunContent(fields, defaults) }
}
