import { type Client, ScheduleNotFoundError, ScheduleOverlapPolicy } from '@temporalio/client'
import { decisionLimitMs, modelDeadlineMs } from '@trader/core/agent/cycle'
import type { Book } from '@trader/core/contract/primitives'
import { executionNudgeScheduleId, scheduledDecisionPrefix } from '@trader/workflows/names'

/** The Schedule was paused because its stack stopped, not by a person: the next start takes it up again. */
const stackStopped = 'the stack is stopped'

export interface NudgeOptions {
  readonly client: Client
  readonly taskQueue: string
  readonly runId: string
  readonly book: Book
  readonly model: string
  readonly nudgeSeconds: number
  /** A stepped feed starts decisions itself. Its Schedule has no times; its pause still says whether they are wanted. */
  readonly isStepped: boolean
}

/** Points the Schedule of decisions to a run. A pause that a person asked for stays. */
export async function scheduleNudges(options: NudgeOptions): Promise<void> {
  const { client, isStepped, nudgeSeconds } = options
  const spec = isStepped ? {} : { intervals: [{ every: nudgeSeconds * 1000 }] }
  const policies = { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '30s' as const }
  const action = actionOf(options)
  const schedule = client.schedule.getHandle(executionNudgeScheduleId)
  try {
    await schedule.update((previous) => {
      const isOurs = previous.state.note === stackStopped
      return { ...previous, spec, policies, action, state: isOurs ? { ...previous.state, paused: false, note: '' } : previous.state }
    })
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error
    await client.schedule.create({ scheduleId: executionNudgeScheduleId, spec, policies, action })
  }
}

/** Stops the nudges with their stack, unless they are paused already. */
export async function pauseNudges(client: Client): Promise<void> {
  const schedule = client.schedule.getHandle(executionNudgeScheduleId)
  const { state } = await schedule.describe()
  if (!state.paused) await schedule.pause(stackStopped)
}

/** Whether decisions are wanted: the Schedule is there and not paused. */
export async function areNudgesOn(client: Client): Promise<boolean> {
  try {
    return !(await client.schedule.getHandle(executionNudgeScheduleId).describe()).state.paused
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return false
    throw error
  }
}

function actionOf({ runId, book, model, taskQueue, nudgeSeconds }: NudgeOptions) {
  return {
    type: 'startWorkflow' as const,
    workflowType: 'TradingDecisionWorkflow',
    workflowId: scheduledDecisionPrefix(runId),
    args: [{ run_id: runId, book, market_time: null, model }],
    taskQueue,
    workflowExecutionTimeout: decisionLimitMs(modelDeadlineMs(nudgeSeconds)),
  }
}
