import type { Client } from '@temporalio/client'
import type { Book } from '@trader/core/contract/primitives'
import { openRunUpdate, reloadUpdate } from '@trader/workflows/messages'
import { brokerAgentId, executionAgentId, executionLedgerId, judgeAgentId } from '@trader/workflows/names'
import { sendUpdate } from '../../workflow-update.ts'

interface AgentOptions {
  readonly client: Client
  readonly taskQueue: string
  readonly runId: string
  readonly book: Book
  /** Makes the updates of this start their own. */
  readonly startId: string
}

/** Starts the ledger and the three agents, or finds them running, and lets each read Postgres again: it may have been restored. */
export async function startAgents(options: AgentOptions): Promise<void> {
  const { client, taskQueue, runId, book, startId } = options
  const start = (workflowType: string, workflowId: string, input: object) =>
    client.workflow.start(workflowType, { workflowId, taskQueue, args: [input], workflowIdConflictPolicy: 'USE_EXISTING' })
  const ledgerId = executionLedgerId(book)
  await start('ExecutionLedgerWorkflow', ledgerId, { run_id: runId, book })
  await sendUpdate(client, { workflowId: ledgerId, update: openRunUpdate, input: runId, updateId: `open:${startId}` })
  const agents = [
    ['JudgeAgentWorkflow', judgeAgentId],
    ['BrokerAgentWorkflow', brokerAgentId],
    ['ExecutionAgentWorkflow', executionAgentId],
  ] as const
  for (const [workflowType, workflowId] of agents) {
    await start(workflowType, workflowId, { book })
    await sendUpdate(client, { workflowId, update: reloadUpdate, input: null, updateId: `reload:${startId}` })
  }
}
