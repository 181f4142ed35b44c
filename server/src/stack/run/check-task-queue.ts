import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import type { Book } from '@trader/core/contract/primitives'
import { brokerAgentId, executionAgentId, executionLedgerId, judgeAgentId, marketStreamId } from '@trader/workflows/names'
import { ExitError } from '../../exit-code.ts'

/**
 * Refuses to start where workflows of an earlier start wait on another task queue: no worker would serve them, so the ledger would
 * never answer, and orders that are open would never be settled. A workflow cannot be given another queue from outside.
 */
export async function checkTaskQueue({ client, taskQueue, book }: { client: Client; taskQueue: string; book: Book }): Promise<void> {
  const ids = [executionLedgerId(book), brokerAgentId, executionAgentId, judgeAgentId, marketStreamId]
  const queues = await Promise.all(ids.map((workflowId) => queueOf(client, workflowId)))
  const stranded = ids.filter((_, index) => queues[index] !== null && queues[index] !== taskQueue)
  const other = queues.find((queue) => queue !== null && queue !== taskQueue)
  if (other == null) return
  throw new ExitError(
    'usage',
    `TASK_QUEUE is ${taskQueue}, but ${stranded.join(', ')} of an earlier start wait on the task queue ${other}, where no worker would serve them; start with TASK_QUEUE=${other}, or with another data directory or TEMPORAL_NAMESPACE`,
  )
}

/** The task queue of a workflow that runs; null where none does. */
async function queueOf(client: Client, workflowId: string): Promise<string | null> {
  try {
    const { status, taskQueue } = await client.workflow.getHandle(workflowId).describe()
    return status.name === 'RUNNING' ? taskQueue : null
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null
    throw error
  }
}
