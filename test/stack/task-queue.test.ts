import type { TestWorkflowEnvironment } from '@temporalio/testing'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ExitError } from '@trader/server/exit-code'
import { checkTaskQueue } from '@trader/server/stack/run/check-task-queue'
import { executionLedgerId } from '@trader/workflows/names'
import { startTemporal } from '../support/temporal.ts'

let temporal: TestWorkflowEnvironment
beforeAll(async () => {
  temporal = await startTemporal()
})
afterAll(() => temporal.teardown())

it('a start on another task queue than the last is refused: it names both and what to do', async () => {
  const { client } = temporal
  const check = (taskQueue: string) => checkTaskQueue({ client, taskQueue, book: 'paper' })
  await check('new')
  const workflowId = executionLedgerId('paper')
  const ledger = await client.workflow.start('ExecutionLedgerWorkflow', {
    workflowId,
    taskQueue: 'old',
    args: [{ run_id: 'r', book: 'paper' }],
  })
  await check('old')
  const refused = check('new')
  await expect(refused).rejects.toThrow(ExitError)
  await expect(refused).rejects.toThrow(
    'TASK_QUEUE is new, but execution-ledger-paper of an earlier start wait on the task queue old, where no worker would serve them; start with TASK_QUEUE=old',
  )
  await ledger.terminate()
  await check('new')
})
