import type { Connection } from '@temporalio/client'
import { describeError } from '../exit-code.ts'
import { connectTemporal, type TemporalTarget } from '../temporal-connection.ts'
import { childEnvironment } from './child-environment.ts'
import type { ComponentPlan, Readiness } from './component-plan.ts'
import type { DataDir } from './data-dir.ts'
import { claimNamespace } from './temporal-namespace.ts'
import { pause } from './wait.ts'

/** The embedded Temporal server: loopback only, its own database file, web page included. */
export function temporalPlan(options: {
  dataDir: DataDir
  port: number
  uiPort: number
  target: TemporalTarget
  stackId: string
  binary: (signal: AbortSignal) => Promise<string>
}): ComponentPlan {
  const { dataDir, port, uiPort, target, stackId } = options
  return {
    name: 'temporal',
    title: 'Temporal',
    port,
    readyTimeoutMs: 60_000,
    firstAttempts: 3,
    longestBackOffMs: 2000,
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 4000,
    async launch(signal) {
      const args = [
        'server',
        'start-dev',
        '--ip=127.0.0.1',
        `--port=${port}`,
        `--ui-port=${uiPort}`,
        `--db-filename=${dataDir.temporalDatabase}`,
        '--log-level=error',
        ...(target.namespace === 'default' ? [] : [`--namespace=${target.namespace}`]),
      ]
      return { command: await options.binary(signal), args, env: childEnvironment(), hasChannel: false }
    },
    async ready(_child, signal): Promise<Readiness> {
      const connection = await connectUntilReady(target, signal)
      try {
        await claimNamespace({ connection, namespace: target.namespace, stackId, isOurs: true, signal })
        return { version: await serverVersion(connection), detail: `embedded, UI http://localhost:${uiPort}` }
      } finally {
        await connection.close()
      }
    },
  }
}

/** What the server says of itself: the CLI that starts it may have been built without a version. */
export async function serverVersion(connection: Connection): Promise<string> {
  const { serverVersion } = await connection.workflowService.getSystemInfo({})
  return serverVersion ?? 'unknown'
}

async function connectUntilReady(target: TemporalTarget, signal: AbortSignal): Promise<Connection> {
  let last: unknown
  for (;;) {
    if (signal.aborted)
      throw new Error(`Temporal does not answer at ${target.address}${last === undefined ? '' : `: ${describeError(last)}`}`, {
        cause: signal.reason,
      })
    try {
      return await connectTemporal(target)
    } catch (error) {
      last = error // not up yet; told when the time is up
    }
    await pause(50, signal)
  }
}
