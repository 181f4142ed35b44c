import { gunzipSync, gzipSync } from 'node:zlib'
import proto from '@temporalio/proto'

type History = proto.temporal.api.history.v1.IHistory
const { History: historyMessage } = proto.temporal.api.history.v1
const { EventType } = proto.temporal.api.enums.v1

/** One run of a workflow. */
export interface RecordedHistory {
  readonly workflow_id: string
  readonly history: History
}

/** Protobuf, the form that Temporal itself keeps, in compressed JSON: one file holds several. */
export function encodeHistories(recorded: readonly RecordedHistory[]): Buffer {
  const texts = recorded.map(({ workflow_id, history }) => ({
    workflow_id,
    protobuf: Buffer.from(historyMessage.encode(withoutMachine(history)).finish()).toString('base64'),
  }))
  return gzipSync(JSON.stringify(texts), { level: 9 })
}

export function decodeHistories(bytes: Buffer): RecordedHistory[] {
  const texts = JSON.parse(gunzipSync(bytes).toString('utf8')) as { workflow_id: string; protobuf: string }[] // as encodeHistories wrote it
  return texts.map(({ workflow_id, protobuf }) => ({ workflow_id, history: historyMessage.decode(Buffer.from(protobuf, 'base64')) }))
}

/** A workflow with more activities is a loop: its path says nothing. */
const longestPath = 10

/** What a history shows: kinds of events, signals, updates and activities, and of a short one its path through them. */
export function coverageOf({ history }: RecordedHistory): Set<string> {
  const events = history.events ?? []
  const activities = events.flatMap((event) => event.activityTaskScheduledEventAttributes?.activityType?.name ?? [])
  return new Set([
    ...events.map((event) => EventType[event.eventType ?? 0] ?? 'unknown'),
    ...events.flatMap((event) => named('signal', event.workflowExecutionSignaledEventAttributes?.signalName)),
    ...events.flatMap((event) => named('update', event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.input?.name)),
    ...activities,
    ...(activities.length <= longestPath ? [activities.join(' > ')] : []),
  ])
}

function named(kind: string, name: string | null | undefined): string[] {
  return name == null ? [] : [`${kind} ${name}`]
}

/** Which process recorded it, and where its code lay, is nobody's business. */
function withoutMachine(history: History): History {
  const copy = historyMessage.decode(historyMessage.encode(history).finish())
  blank(copy)
  return copy
}

function blank(part: unknown): void {
  if (typeof part !== 'object' || part === null || ArrayBuffer.isView(part)) return
  for (const [name, value] of Object.entries(part)) {
    if ((name === 'identity' || name === 'stackTrace') && typeof value === 'string') Object.assign(part, { [name]: '' })
    else blank(value)
  }
}
