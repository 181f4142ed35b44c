import { type Client, WorkflowExecutionAlreadyStartedError, WorkflowFailedError } from '@temporalio/client'
import { decisionLimitMs } from '@trader/core/agent/cycle'
import { decisionId } from '@trader/workflows/names'
import type { TradingDecisionWorkflow } from '@trader/workflows/trading-decision'
import { describeError } from '../exit-code.ts'
import { areNudgesOn } from '../stack/run/nudge-schedule.ts'
import type { FeedDecisions, Instant } from './feed/feed-dependencies.ts'

/** How long an answer of the Schedule counts: asking before each of many decisions a second would cost more than they do. */
const rememberedMs = 1000

interface Services {
  readonly client: Client
  readonly taskQueue: string
  /** Wall time that a decision's model may take, in ms. */
  readonly modelDeadlineMs: number
  readonly log: (text: string) => void
}

/**
 * Decisions that a stepped feed starts and waits for. They are wanted while the nudge's Schedule is not paused. A decision limits
 * all that it waits for itself.
 */
export function createFeedDecisions(options: Services): FeedDecisions {
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

async function startDecision({ client, taskQueue, modelDeadlineMs }: Services, workflowId: string, instant: Instant): Promise<void> {
  const { runId, book, marketTime, model } = instant
  try {
    await client.workflow.start<typeof TradingDecisionWorkflow>('TradingDecisionWorkflow', {
      workflowId,
      taskQueue,
      workflowExecutionTimeout: decisionLimitMs(modelDeadlineMs),
      args: [{ run_id: runId, book, market_time: marketTime, model }],
      workflowIdConflictPolicy: 'USE_EXISTING',
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
    })
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error
  }
}
