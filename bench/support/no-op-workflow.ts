import { proxyActivities } from '@temporalio/workflow'

const { nothing } = proxyActivities<{ nothing(): Promise<void> }>({ startToCloseTimeout: '10s' })

/** As many activities as asked for, one after the other, and nothing else: what any replay costs. */
export async function NoOpWorkflow(activities: number): Promise<void> {
  for (let done = 0; done < activities; done += 1) await nothing()
}
