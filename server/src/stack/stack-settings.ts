import type { Config } from '../config.ts'
import type { Secret } from '../secret.ts'
import type { TemporalTarget } from '../temporal-connection.ts'
import { externalTemporal, type Addresses } from './addresses.ts'
import type { DataDir } from './data-dir.ts'
import { stackPorts, type StackPorts, type WantedPort } from './ports.ts'
import { embeddedDatabaseUrl } from './postgres.ts'

/** Everything that decides what a stack is made of and where it listens. */
export interface StackSettings extends Addresses {
  readonly config: Config
  readonly dataDir: DataDir
  readonly stackId: string
  readonly ports: StackPorts
  /** Servers of the user's own: used, never started. */
  readonly hasExternalTemporal: boolean
  readonly hasExternalDatabase: boolean
}

export function stackSettings(options: { config: Config; dataDir: DataDir; stackId: string; portBase: number | undefined }): StackSettings {
  const { config, dataDir, stackId } = options
  const ports = stackPorts(config, options.portBase)
  const external = externalTemporal(config)
  const temporal: TemporalTarget = external ?? { address: `127.0.0.1:${ports.temporal}`, namespace: config.TEMPORAL_NAMESPACE, options: {} }
  const databaseUrl: Secret = config.DATABASE_URL ?? embeddedDatabaseUrl({ dataDir, port: ports.postgres })
  return {
    config,
    dataDir,
    stackId,
    ports,
    temporal,
    databaseUrl,
    taskQueue: config.TASK_QUEUE,
    hasExternalTemporal: external !== undefined,
    hasExternalDatabase: config.DATABASE_URL !== undefined,
  }
}

/** The ports that a start of these servers will listen on. */
export function wantedPorts({ ports, config }: Pick<StackSettings, 'ports' | 'config'>, components: readonly string[]): WantedPort[] {
  const loopback = '127.0.0.1'
  const wanted = [
    ...(config.TEMPORAL_ADDRESS !== undefined
      ? []
      : [
          { component: 'temporal', name: 'Temporal (TEMPORAL_PORT)', host: loopback, port: ports.temporal },
          { component: 'temporal', name: "Temporal's page (TEMPORAL_UI_PORT)", host: loopback, port: ports.temporalUi },
        ]),
    ...(config.DATABASE_URL !== undefined
      ? []
      : [{ component: 'postgres', name: 'Postgres (POSTGRES_PORT)', host: loopback, port: ports.postgres }]),
    { component: 'mcp', name: 'the MCP server (MCP_PORT)', host: config.HOST, port: ports.mcp },
  ]
  return wanted.filter(({ component }) => components.includes(component))
}
