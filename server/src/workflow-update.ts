import { setTimeout as sleep } from 'node:timers/promises'
import { type Client, WorkflowUpdateFailedError } from '@temporalio/client'
import { ActivityFailure, ApplicationFailure, type UpdateDefinition } from '@temporalio/common'
import { rollingOver } from '@trader/workflows/messages'

/** A workflow rolls over in well under a second; after 10 s something else is wrong. */
const rollOverRetries = 100
const rollOverPauseMs = 100

/**
 * Sends an update to a workflow and waits for its answer. The id makes a repeated update the same one within a run; across
 * runs the idempotency of what it posts does. Turned away while the workflow rolls over to its next run, it is sent again.
 * A refusal surfaces as the workflow's own failure, so that a retry policy sees its type.
 */
export async function sendUpdate<Result, Input>(
  client: Client,
  options: { workflowId: string; update: UpdateDefinition<Result, [Input]>; input: Input; updateId: string },
): Promise<Result> {
  const { workflowId, update, input, updateId } = options
  for (let retry = 0; ; retry += 1) {
    try {
      return await client.workflow.getHandle(workflowId).executeUpdate(update, { args: [input], updateId })
    } catch (error) {
      const cause = error instanceof WorkflowUpdateFailedError ? (error.cause ?? error) : error
      const isRollingOver = cause instanceof ApplicationFailure && cause.type === rollingOver
      // As an activity's failure it would have no type, and be tried for ever.
      if (cause instanceof ActivityFailure && cause.cause !== undefined) throw cause.cause
      if (!isRollingOver || retry === rollOverRetries) throw cause
      await sleep(rollOverPauseMs)
    }
  }
}
