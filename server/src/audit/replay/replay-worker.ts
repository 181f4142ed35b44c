import proto, { type temporal } from '@temporalio/proto'
import { type ReplayWorkerOptions, Worker } from '@temporalio/worker'
import { NativeWorker } from '@temporalio/worker/lib/worker.js'
import type { Answer } from './replayed-commands.ts'

const { WorkflowActivation } = proto.coresdk.workflow_activation
const { WorkflowActivationCompletion } = proto.coresdk.workflow_completion

export interface HistoryToReplay {
  readonly workflowId: string
  readonly history: temporal.api.history.v1.IHistory
}

/** What replaying one history came to. */
export interface Replayed {
  readonly answers: readonly Answer[]
  /** What the code threw; null where it threw nothing. */
  readonly thrown: string | null
  /** Why the replay ended early: what was thrown, or Temporal's own check. Null where it ran to the end. */
  readonly error: string | null
}

/**
 * Replays histories on the code of one bundle, as it is, and writes down what the worker answers. It listens where the SDK hands
 * activations to the code and takes its commands back, so nothing of the bundle has to know of it.
 */
export async function* replayHistories(options: ReplayOptions, histories: readonly HistoryToReplay[]): AsyncGenerator<Replayed> {
  const heard: Heard = { answers: [], thrown: null, tasks: new Map() }
  class ListeningWorker extends Worker {
    protected static override readonly nativeWorkerCtor = {
      create: (...options: Parameters<typeof NativeWorker.create>) => NativeWorker.create(...options),
      createReplay: async (...[runtime, compiled]: Parameters<typeof NativeWorker.createReplay>) => {
        const handle = await NativeWorker.createReplay(runtime, compiled)
        return { ...handle, worker: listeningTo(handle.worker, heard) }
      },
    }
  }
  const { code, namespace, taskQueue } = options
  // The queue and the namespace are those of the recording: a workflow's commands name them. The types leave them out of a replay's options.
  const settings = { workflowBundle: { code }, namespace, taskQueue, isolateExecutionTimeout: '10s' } as ReplayWorkerOptions
  for await (const { error } of ListeningWorker.runReplayHistories(settings, histories)) {
    const { answers, thrown } = heard
    Object.assign(heard, { answers: [], thrown: null, tasks: new Map() })
    yield { answers, thrown, error: thrown ?? error?.message ?? null }
  }
}

export interface ReplayOptions {
  readonly code: string
  readonly namespace: string
  readonly taskQueue: string
}

interface Heard {
  answers: Answer[]
  thrown: string | null
  /** By run id, the event at which the task began that is being worked on. */
  tasks: Map<string, number>
}

type Native = Awaited<ReturnType<typeof NativeWorker.createReplay>>['worker']

function listeningTo(worker: Native, heard: Heard): Native {
  const { pollWorkflowActivation, completeWorkflowActivation } = worker
  worker.pollWorkflowActivation = async () => {
    const bytes = await pollWorkflowActivation()
    const activation = WorkflowActivation.decode(new Uint8Array(bytes))
    heard.tasks.set(activation.runId, activation.historyLength)
    return bytes
  }
  worker.completeWorkflowActivation = (bytes) => {
    const { runId, successful, failed } = WorkflowActivationCompletion.decodeDelimited(new Uint8Array(bytes))
    const task = heard.tasks.get(runId) ?? 0
    if (failed) heard.thrown ??= failed.failure?.message ?? 'the workflow task failed'
    heard.answers.push({ task, commands: successful?.commands ?? [] })
    return completeWorkflowActivation(bytes)
  }
  return worker
}
