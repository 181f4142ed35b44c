import type { ComponentPlan } from './component-plan.ts'
import { nodeChildPlan } from './node-child.ts'
import { postgresPlan } from './postgres.ts'
import type { StackSettings } from './stack-settings.ts'
import { temporalPlan } from './temporal.ts'

/** The two servers, started side by side and stopped last. Those of the user's own are not among them. */
export function serverPlans(settings: StackSettings, temporalBinary: (signal: AbortSignal) => Promise<string>): ComponentPlan[] {
  const { dataDir, ports, temporal, stackId } = settings
  return [
    ...(settings.hasExternalDatabase ? [] : [postgresPlan({ dataDir, port: ports.postgres })]),
    ...(settings.hasExternalTemporal
      ? []
      : [temporalPlan({ dataDir, port: ports.temporal, uiPort: ports.temporalUi, target: temporal, stackId, binary: temporalBinary })]),
  ]
}

/** Our own processes, in the order in which they start; they stop in the reverse of it. A new one is a line here. */
export function servicePlans(settings: StackSettings): ComponentPlan[] {
  return [
    // First, so that it stops last and seals what the others wrote at their end.
    nodeChildPlan({ name: 'sealer', title: 'sealer', port: null, env: baseEnvironment(settings) }),
    nodeChildPlan({ name: 'worker', title: 'worker', port: null, env: { ...baseEnvironment(settings), ...workerEnvironment(settings) } }),
    nodeChildPlan({
      name: 'mcp',
      title: 'MCP server',
      port: settings.ports.mcp,
      env: { ...baseEnvironment(settings), ...portsEnvironment(settings) },
    }),
  ]
}

/** What each process of ours needs to find the two servers. Temporal's own variables (TLS, API key) go along where the server is the user's. */
function baseEnvironment(settings: StackSettings): Record<string, string | undefined> {
  const { config, dataDir, temporal } = settings
  const temporalVariables = settings.hasExternalTemporal
    ? Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('TEMPORAL_')))
    : {}
  return {
    ...temporalVariables,
    DATA_DIR: dataDir.root,
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    DATABASE_URL: settings.databaseUrl.reveal(),
    TASK_QUEUE: settings.taskQueue,
    TRADING_MODE: config.TRADING_MODE,
    LOG_LEVEL: config.LOG_LEVEL,
  }
}

/** What a process that listens needs: its own port, and the page's, whose calls it lets in. */
function portsEnvironment({ config, ports }: StackSettings): Record<string, string> {
  return { HOST: config.HOST, ALLOWED_HOSTS: config.ALLOWED_HOSTS.join(','), MCP_PORT: String(ports.mcp), OPS_PORT: String(ports.ops) }
}

/** The worker calls the models and runs the market, so it alone gets their addresses and keys. What a market is made of comes with its plan. */
function workerEnvironment({ config }: StackSettings): Record<string, string | undefined> {
  return {
    OPENAI_API_KEY: config.OPENAI_API_KEY?.reveal(),
    OPENAI_BASE_URL: config.OPENAI_BASE_URL,
    COINBASE_BASE_URL: config.COINBASE_BASE_URL,
    COINBASE_WS_URL: config.COINBASE_WS_URL,
    LLM_DAILY_BUDGET_USD: String(config.LLM_DAILY_BUDGET_USD),
    LLM_PRICE_USD_PER_MTOK: config.LLM_PRICE_USD_PER_MTOK,
    NUDGE_SECONDS: String(config.NUDGE_SECONDS),
    TICK_RETENTION_HOURS: String(config.TICK_RETENTION_HOURS),
  }
}
