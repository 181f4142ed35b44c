import { type Client, ScheduleNotFoundError, WorkflowExecutionAlreadyStartedError, WorkflowFailedError } from '@temporalio/client'
import { decisionId, executionNudgeScheduleId } from '@trader/workflows/names'
import type { TradingDecisionWorkflow } from '@trader/workflows/trading-decision'
import { describeError } from '../exit-code.ts'
import type { FeedDecisions, Instant } from './feed/feed-dependencies.ts'

/** How long an answer of the Schedule counts: asking before each of many decisions a second would cost more than they do. */
const rememberedMs = 1000

/**
 * Decisions that a stepped feed starts and waits for. They are wanted while the nudge's Schedule is not paused.
 * None has a time limit of Temporal's: one that ended a decision between its reservation and its orders, as after an hour of
 * power cut, would leave the reservation to nobody. A decision limits its own reading and thinking.
 */
export function createFeedDecisions(options: { client: Client; taskQueue: string; log: (text: string) => void }): FeedDecisions {
  const { client, log } = options
  let asked = { at: -Infinity, wanted: false }
  return {
    async areWanted() {
      if (performance.now() - asked.at > rememberedMs) asked = { at: performance.now(), wanted: await areNudgesOn(client) }
      return asked.wanted
    },
    async decide(instant) {
      const workflowId = decisionId(instant)
      await startDecision(options, workflowId, instant)
      try {
        await client.workflow.getHandle(workflowId).result()
      } catch (error) {
        // It is on record in Temporal; the next decision starts from Postgres, as every one does.
        if (!(error instanceof WorkflowFailedError)) throw error
        log(`${workflowId} failed: ${describeError(error.cause ?? error)}`)
      }
    },
  }
}

async function areNudgesOn(client: Client): Promise<boolean> {
  try {
    return !(await client.schedule.getHandle(executionNudgeScheduleId).describe()).state.paused
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return false
    throw error
  }
}

async function startDecision(
  { client, taskQueue }: { client: Client; taskQueue: string },
  workflowId: string,
  instant: Instant,
): Promise<void> {
  const { runId, book, marketTime, model } = instant
  try {
    await client.workflow.start<typeof TradingDecisionWorkflow>('TradingDecisionWorkflow', {
      workflowId,
      taskQueue,
      args: [{ run_id: runId, book, market_time: marketTime, model }],
      workflowIdConflictPolicy: 'USE_EXISTING',
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
    })
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error
  }
}
