import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import type { Speed } from '@trader/core/market/market-clock'
import { marketStreamStatusQuery } from '@trader/workflows/messages'
import { marketStreamId } from '@trader/workflows/names'

/** How much faster than a caller's clock a run's market goes; 1 where its market is not the one that streams. */
export async function marketSpeed(client: Client, { runId }: { runId: string }): Promise<Speed> {
  try {
    const { plan } = await client.workflow.getHandle(marketStreamId).query(marketStreamStatusQuery)
    return plan.run_id === runId ? plan.source.speed : 1
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return 1
    throw error
  }
}
