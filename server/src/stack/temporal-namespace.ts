import type { Connection } from '@temporalio/client'
import { msToTs } from '@temporalio/common/lib/time.js'
import { describeError, ExitError } from '../exit-code.ts'
import { pause } from './wait.ts'

const retentionDays = 30
const stackKey = 'durable-crypto-agents.stack-id'

/**
 * Marks the namespace as this stack's and keeps finished histories for 30 days. Ends the command when another stack has it:
 * workflow ids such as `broker-agent` are the same in every stack, so two of them would drive each other's agents.
 */
export async function claimNamespace(options: {
  connection: Connection
  namespace: string
  stackId: string
  isOurs: boolean
  signal: AbortSignal
}): Promise<void> {
  const { connection, namespace, stackId, isOurs } = options
  const found = await describeNamespace(options)
  const owner = found.namespaceInfo?.data?.[stackKey]
  if (owner !== undefined && owner !== stackId) {
    throw new ExitError(
      'failed',
      `Temporal's namespace ${namespace} belongs to stack ${owner}, and this data directory's stack is ${stackId}: use that stack's data directory, or another TEMPORAL_NAMESPACE`,
    )
  }
  const retention = Number(found.config?.workflowExecutionRetentionTtl?.seconds ?? 0)
  const wanted = retentionDays * 86_400
  if (owner === stackId && (!isOurs || retention === wanted)) return
  await connection.workflowService.updateNamespace({
    namespace,
    updateInfo: { data: { ...found.namespaceInfo?.data, [stackKey]: stackId } },
    ...(isOurs && { config: { workflowExecutionRetentionTtl: msToTs(wanted * 1000) } }),
  })
}

/** A server that has just started may not have made its namespace yet: it is asked again. */
async function describeNamespace({
  connection,
  namespace,
  isOurs,
  signal,
}: {
  connection: Connection
  namespace: string
  isOurs: boolean
  signal: AbortSignal
}) {
  for (;;) {
    try {
      return await connection.workflowService.describeNamespace({ namespace })
    } catch (error) {
      if (!isOurs) throw new ExitError('dependencyDown', `Temporal has no namespace ${namespace} for us: ${describeError(error)}`)
    }
    await pause(50, signal)
  }
}
