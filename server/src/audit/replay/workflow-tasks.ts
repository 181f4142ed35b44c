import type { temporal } from '@temporalio/proto'

/** A workflow task that a worker completed. */
export interface WorkflowTask {
  /** Event ids. */
  readonly began: number
  readonly completed: number
  /** SHA-256 of the workflow bundle it ran on; null where the worker did not say. */
  readonly bundleHash: string | null
}

/** The SDK names a worker's build by its own version and the hash of the bundle's code: `@temporalio/worker@1.23.0+<hash>`. */
const bundleOfBuild = /\+([0-9a-f]{64})$/

export function workflowTasks(events: readonly temporal.api.history.v1.IHistoryEvent[]): readonly WorkflowTask[] {
  return events.flatMap(({ eventId, workflowTaskCompletedEventAttributes: task }) => {
    if (!task) return []
    const build = task.workerVersion?.buildId || task.deploymentVersion?.buildId || ''
    return [{ began: Number(task.startedEventId), completed: Number(eventId), bundleHash: bundleOfBuild.exec(build)?.[1] ?? null }]
  })
}

/** The bundles that a history's tasks ran on, in order, each once. More than one where the code changed under it. */
export function bundleHashes(tasks: readonly WorkflowTask[]): readonly (string | null)[] {
  return Array.from(new Set(tasks.map((task) => task.bundleHash)))
}
