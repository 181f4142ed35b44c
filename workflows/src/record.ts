import { ApplicationFailure, WorkflowExecutionAlreadyStartedError } from '@temporalio/common'
import { ParentClosePolicy, proxyActivities, startChild } from '@temporalio/workflow'
import type { UnstampedBlock } from '@trader/core/risk/block-of'
import type { DecisionActivities, DecisionRecord, ManualOrderActivities } from './activities.ts'
import { failureOf } from './failure-of.ts'
import { recordLaterId } from './names.ts'

/** One of both. */
export interface RecordLaterInput {
  readonly blocks?: readonly UnstampedBlock[]
  readonly decision?: DecisionRecord
}

type Records = Pick<ManualOrderActivities, 'recordBlocks'> & Pick<DecisionActivities, 'saveDecision'>
/** What the database will never take, such as a character that no text of Postgres' may hold. */
const nonRetryableErrorTypes = ['LedgerRefused']

const soon = { startToCloseTimeout: '5s', retry: { initialInterval: '100ms', maximumInterval: '2s', nonRetryableErrorTypes } } as const
/** Whoever asked waits for the answer, so the record must not keep him waiting. */
const { recordBlocks } = proxyActivities<Records>({ ...soon, scheduleToCloseTimeout: '5s' })
/** The next decision reads what this one did; it waits as long as Postgres may take to start again. */
const { saveDecision } = proxyActivities<Records>({ ...soon, scheduleToCloseTimeout: '2m' })
const patient = proxyActivities<Records>({
  startToCloseTimeout: '15s',
  scheduleToCloseTimeout: '7 days',
  retry: { initialInterval: '1s', maximumInterval: '10s', nonRetryableErrorTypes },
})
const { reportUnsavedDecision } = proxyActivities<DecisionActivities>({
  startToCloseTimeout: '5s',
  scheduleToCloseTimeout: '1m',
  retry: { initialInterval: '100ms', maximumInterval: '2s' },
})

/** Records a refusal; where Postgres is away, later, by a workflow of its own. */
export async function recordRefusal(origin: string, blocks: readonly UnstampedBlock[]): Promise<void> {
  try {
    await recordBlocks(blocks)
  } catch (error) {
    failureOf(error)
    await recordLater(origin, { blocks })
  }
}

/** Records a decision; where Postgres is away for minutes, later, so that the next decision need not wait for this one's record. */
export async function recordDecision(decision: DecisionRecord): Promise<void> {
  try {
    await saveDecision(decision)
  } catch (error) {
    const { isPermanent, why } = failureOf(error)
    if (isPermanent) throw await unsaved(decision, why)
    await recordLater(decision.id, { decision })
  }
}

/** Writes one record, however long Postgres is away. */
export async function RecordLaterWorkflow({ blocks, decision }: RecordLaterInput): Promise<void> {
  if (blocks !== undefined) await patient.recordBlocks(blocks)
  if (decision === undefined) return
  try {
    await patient.saveDecision(decision)
  } catch (error) {
    throw await unsaved(decision, failureOf(error).why)
  }
}

/** The failure of a decision that the database will not take, once it is told of. Its orders go on; so does every later decision. */
async function unsaved({ id, run_id, book, market_time, orders }: DecisionRecord, why: string): Promise<ApplicationFailure> {
  const failure = ApplicationFailure.nonRetryable(`${id} could not be saved: ${why}`, 'DecisionNotSaved')
  try {
    await reportUnsavedDecision({ decision: { id, run_id, book, market_time, orders }, why })
  } catch (error) {
    failureOf(error)
  }
  return failure
}

async function recordLater(origin: string, input: RecordLaterInput): Promise<void> {
  try {
    await startChild(RecordLaterWorkflow, {
      workflowId: recordLaterId(origin),
      args: [input],
      parentClosePolicy: ParentClosePolicy.ABANDON,
    })
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error
  }
}
