import { loadClientConnectConfig } from '@temporalio/envconfig'
import type { Config } from '../config.ts'
import { ExitError } from '../exit-code.ts'
import type { Secret } from '../secret.ts'
import type { TemporalTarget } from '../temporal-connection.ts'
import { dataDirPaths } from './data-dir.ts'
import { embeddedDatabaseUrl } from './postgres.ts'
import { readStackFile } from './stack-file.ts'

/** How a process of ours reaches the two servers. */
export interface Addresses {
  readonly temporal: TemporalTarget
  readonly databaseUrl: Secret
  readonly taskQueue: string
}

/** The servers that the environment names, else those of the stack that runs on DATA_DIR. */
export function findAddresses(config: Config): Addresses {
  const dataDir = dataDirPaths(config.DATA_DIR)
  const stack = readStackFile(dataDir)
  const temporal =
    externalTemporal(config) ?? (stack && { address: stack.temporal_address, namespace: stack.temporal_namespace, options: {} })
  const port = stack?.ports['postgres']
  const databaseUrl = config.DATABASE_URL ?? (port === undefined ? undefined : embeddedDatabaseUrl({ dataDir, port }))
  if (temporal === undefined || databaseUrl === undefined) {
    throw new ExitError(
      'dependencyDown',
      `no stack was ever started on ${dataDir.root}: run \`trader start\`, or set TEMPORAL_ADDRESS and DATABASE_URL`,
    )
  }
  // A server that was named has the queue that was named with it.
  const taskQueue = config.TEMPORAL_ADDRESS === undefined && stack !== undefined ? stack.task_queue : config.TASK_QUEUE
  return { temporal, databaseUrl, taskQueue }
}

/** The Temporal server of TEMPORAL_ADDRESS, with TLS and API key as Temporal's own tools read them; undefined when it is not set. */
export function externalTemporal(config: Config): TemporalTarget | undefined {
  if (config.TEMPORAL_ADDRESS === undefined) return undefined
  const { connectionOptions, namespace } = loadClientConnectConfig()
  const { tls, apiKey, metadata } = connectionOptions
  return {
    address: connectionOptions.address ?? config.TEMPORAL_ADDRESS,
    namespace: namespace ?? config.TEMPORAL_NAMESPACE,
    options: {
      ...(tls !== undefined && tls !== null && { tls }),
      // envconfig reads a text; only code can give a function.
      ...(typeof apiKey === 'string' && { apiKey }),
      ...(metadata !== undefined && { metadata }),
    },
  }
}
