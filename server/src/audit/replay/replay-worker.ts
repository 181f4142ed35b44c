import type { coresdk, temporal } from '@temporalio/proto'
import { type ReplayWorkerOptions, Worker } from '@temporalio/worker'
import type { Answer } from './replayed-commands.ts'

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

export interface ReplayOptions {
  readonly code: string
  readonly namespace: string
  readonly taskQueue: string
}

/** Code that was changed may never end. Ten seconds at once is more than any of ours needs on any machine. */
const isolateExecutionTimeout = '10s'

/**
 * Replays histories on the code of one bundle, as it is, and writes down what it answers. It listens where the SDK hands an
 * activation to the code and takes its commands back, so nothing of the bundle has to know of it.
 */
export async function* replayHistories({ code, ...names }: ReplayOptions, histories: readonly HistoryToReplay[]): AsyncGenerator<Replayed> {
  let heard = nothingHeard()
  class ListeningWorker extends Worker {
    protected override async createWorkflow(...options: Parameters<Worker['createWorkflow']>): ReturnType<Worker['createWorkflow']> {
      const created = await super.createWorkflow(...options)
      const { workflow } = created
      const activate = workflow.activate.bind(workflow)
      workflow.activate = async (activation) => {
        const completion = await activate(activation)
        hear(heard, Number(activation.historyLength), completion)
        return completion
      }
      return created
    }
  }
  // The queue and the namespace are those of the recording: a workflow's commands name them. The types leave them out of a replay's options.
  const settings = { workflowBundle: { code }, isolateExecutionTimeout, ...names } as ReplayWorkerOptions
  for await (const { error } of ListeningWorker.runReplayHistories(settings, histories)) {
    const { answers, thrown } = heard
    heard = nothingHeard()
    yield { answers, thrown, error: thrown ?? error?.message ?? null }
  }
}

interface Heard {
  readonly answers: Answer[]
  thrown: string | null
}

const nothingHeard = (): Heard => ({ answers: [], thrown: null })

function hear(heard: Heard, task: number, { successful, failed }: coresdk.workflow_completion.IWorkflowActivationCompletion): void {
  if (failed) heard.thrown ??= failed.failure?.message ?? 'the workflow task failed'
  heard.answers.push({ task, commands: successful?.commands ?? [] })
}
