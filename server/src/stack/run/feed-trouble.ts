import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import { historicalLoaderId, subscriptionId } from '@trader/workflows/names'

/** What a run's feed, or its history, fails with and tries again; null where nothing fails. */
export async function feedTrouble({ client, runId }: { client: Client; runId: string }): Promise<string | null> {
  const failures = await Promise.all([subscriptionId, historicalLoaderId(runId)].map((workflowId) => lastFailureOf(client, workflowId)))
  return failures.find((failure) => failure !== null) ?? null
}

async function lastFailureOf(client: Client, workflowId: string): Promise<string | null> {
  try {
    const { raw } = await client.workflow.getHandle(workflowId).describe()
    const failing = raw.pendingActivities?.find((activity) => activity.lastFailure?.message != null)
    if (failing === undefined) return null
    return `${failing.activityType?.name ?? 'an activity'} fails and is tried again (attempt ${failing.attempt ?? 1}): ${failing.lastFailure?.message ?? ''}`
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null
    throw error
  }
}
