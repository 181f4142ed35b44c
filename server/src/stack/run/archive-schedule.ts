import { type Client, ScheduleNotFoundError, ScheduleOverlapPolicy } from '@temporalio/client'
import { archiveHistoriesId } from '@trader/workflows/names'

const minuteMs = 60_000

/** Runs ArchiveHistoriesWorkflow each minute. What a pause of the stack left over, the next minute takes up: nothing is caught up. */
export async function scheduleArchiving({ client, taskQueue }: { client: Client; taskQueue: string }): Promise<void> {
  const spec = { intervals: [{ every: minuteMs }] }
  const policies = { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: minuteMs }
  const action = {
    type: 'startWorkflow' as const,
    workflowType: 'ArchiveHistoriesWorkflow',
    workflowId: archiveHistoriesId,
    args: [],
    taskQueue,
  }
  const schedule = client.schedule.getHandle(archiveHistoriesId)
  try {
    await schedule.update((previous) => ({ ...previous, spec, policies, action }))
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error
    await client.schedule.create({ scheduleId: archiveHistoriesId, spec, policies, action })
  }
}
