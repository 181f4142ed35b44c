import proto, { type temporal } from '@temporalio/proto'
import { describeError } from '../../exit-code.ts'
import type { Defaults } from './command-content.ts'
import { type Difference, firstDifference } from './first-difference.ts'
import { durationOf } from './message-value.ts'
import { recordedCommands, updateNames } from './recorded-commands.ts'
import { replayHistories, type Replayed } from './replay-worker.ts'
import { replayedCommands } from './replayed-commands.ts'
import { workflowTasks } from './workflow-tasks.ts'

type History = temporal.api.history.v1.IHistory

const { History: historyMessage } = proto.temporal.api.history.v1

/** Histories to replay on one bundle. */
export interface ReplayJob {
  readonly code: string
  readonly namespace: string
  readonly taskQueue: string
  readonly histories: readonly JobHistory[]
}

export interface JobHistory {
  readonly workflowId: string
  /** temporal.api.history.v1.History in protobuf. */
  readonly bytes: Uint8Array
  /** Only tasks that ran on this bundle are compared; null compares all. */
  readonly bundleHash: string | null
}

/** Replays a job's histories in order and answers, for each, the first difference. */
export async function* replayJob({ histories, ...options }: ReplayJob): AsyncGenerator<Difference | null> {
  const readable = histories.map((one) => ({ ...one, ...decode(one.bytes) }))
  const replays = replayHistories(
    options,
    readable.flatMap(({ workflowId, history }) => (history === null ? [] : [{ workflowId, history }])),
  )
  for (const { history, problem, bundleHash } of readable) {
    if (history === null) yield { path: 'history', recorded: null, replayed: problem }
    else {
      const { value } = await replays.next()
      if (value === undefined) throw new Error('the replay ended before its last history')
      yield compare(history, value, { bundleHash, namespace: options.namespace })
    }
  }
  await replays.return(undefined)
}

function decode(bytes: Uint8Array): { history: History; problem: null } | { history: null; problem: string } {
  try {
    const history = historyMessage.decode(bytes)
    if (history.events[0]?.workflowExecutionStartedEventAttributes) return { history, problem: null }
    return { history: null, problem: 'it does not begin with the start of a workflow' }
  } catch (error) {
    return { history: null, problem: `it cannot be read as protobuf: ${describeError(error)}` }
  }
}

interface Scope {
  readonly bundleHash: string | null
  readonly namespace: string
}

function compare(history: History, { answers, thrown, error }: Replayed, { bundleHash, namespace }: Scope): Difference | null {
  const events = history.events ?? []
  const tasks = workflowTasks(events)
  const ours = new Set(tasks.filter((task) => bundleHash === null || task.bundleHash === bundleHash).map((task) => task.began))
  const defaults = defaultsOf(history, namespace)
  const recorded = recordedCommands(history, defaults).filter(({ task }) => ours.has(task))
  const replayed = replayedCommands(answers, { defaults, updates: updateNames(events) }).filter(({ task }) => ours.has(task))
  const difference = firstDifference(recorded, replayed)
  // Code that threw did nothing more: what it threw says more than the command that is missing.
  if (difference?.replayed === null && thrown !== null) return { ...difference, replayed: thrown }
  if (difference !== null || error === null) return difference
  // All is equal that ran on this bundle: one that came before the last need not know what came later.
  const endedHere = bundleHash === null || tasks.at(-1)?.bundleHash === bundleHash
  return endedHere ? { path: 'replay', recorded: null, replayed: error } : null
}

function defaultsOf(history: History, namespace: string): Defaults {
  const started = history.events?.[0]?.workflowExecutionStartedEventAttributes
  return {
    namespace,
    taskQueue: started?.taskQueue?.name ?? '',
    workflowType: started?.workflowType?.name ?? '',
    runTimeoutMs: durationOf(started?.workflowRunTimeout),
    taskTimeoutMs: durationOf(started?.workflowTaskTimeout),
  }
}
