import { randomUUID } from 'node:crypto'
import { describeError } from '../exit-code.ts'
import { connectTemporal } from '../temporal-connection.ts'
import type { Addresses } from './addresses.ts'

const timeoutMs = 5000

/** Runs a workflow that answers at once. Resolves with the round trip in ms; throws when no worker answers within 5 s. */
export async function pingWorker({ temporal, taskQueue }: Addresses): Promise<number> {
  const { Client } = await import('@temporalio/client')
  const connection = await connectTemporal(temporal)
  const began = performance.now()
  try {
    const client = new Client({ connection, namespace: temporal.namespace })
    await connection.withDeadline(Date.now() + timeoutMs, () =>
      client.workflow.execute('PingWorkflow', { taskQueue, workflowId: `ping-${randomUUID()}`, workflowExecutionTimeout: timeoutMs }),
    )
    return performance.now() - began
  } catch (error) {
    throw new Error(`no worker answered on task queue ${taskQueue} within ${timeoutMs / 1000} s: ${describeError(error)}`, { cause: error })
  } finally {
    await connection.close()
  }
}
