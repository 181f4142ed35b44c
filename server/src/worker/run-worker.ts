import { readFileSync } from 'node:fs'
import type { Config } from '../config.ts'
import { describeError, ExitError } from '../exit-code.ts'
import { EventSequencer } from '../database/event-sequencer.ts'
import { createPool } from '../database/pool.ts'
import { keepBundle } from '../database/queries/workflow-bundles.ts'
import { openMarketSource } from '../exchange/open-market-source.ts'
import { modelDeadlineMs } from '@trader/core/agent/cycle'
import { offlineReply } from '@trader/core/agent/offline-trader'
import { createModelRouter } from '../llm/model-router.ts'
import { modelPrice } from '../llm/price-table.ts'
import type { ModelClient } from '../llm/model.ts'
import { createOfflineModel } from '../llm/offline/offline-model.ts'
import type { Addresses } from '../stack/addresses.ts'
import { ensureWorkflowBundle } from '../stack/bundle.ts'
import { reportReady, untilTold } from '../stack/node-child.ts'
import { connectTemporal } from '../temporal-connection.ts'
import { createActivities } from './create-activities.ts'
import { SourcePool } from './feed/source-pool.ts'
import { LostOrders } from './lost-orders.ts'
import { TickPruner } from './tick-pruner.ts'
import { Client } from '@temporalio/client'
import { DefaultLogger, type LogLevel, makeTelemetryFilterString, NativeConnection, Runtime, Worker } from '@temporalio/worker'

/** Long enough for an activity to hear of the end and return; correctness never relies on it. */
const shutdownGraceMs = 2000

const log = (text: string): void => {
  process.stderr.write(`${text}\n`)
}

/** Runs workflows and activities, and keeps the event log numbered, until the process is told to end. */
export async function runWorker({ config, addresses }: { config: Config; addresses: Addresses }): Promise<void> {
  const told = untilTold()
  installRuntime(config)
  const bundle = await ensureWorkflowBundle(log)
  const connection = await connect(addresses)
  const clientConnection = await connectTemporal(addresses.temporal)
  const client = new Client({ connection: clientConnection, namespace: addresses.temporal.namespace })
  const connectionString = addresses.databaseUrl.reveal()
  const pool = createPool({ connectionString, max: 20 })
  const sources = new SourcePool((request) => openMarketSource(request, marketAddresses(config)))
  const sequencer = new EventSequencer({ pool, onError: (error) => log(`event sequencer: ${describeError(error)}`) })
  const lostOrders = new LostOrders({ pool, client, log })
  const pruner = new TickPruner({ pool, retentionHours: config.TICK_RETENTION_HOURS, log })
  try {
    // Before any work: no decision is ever without the code it ran on.
    await keepBundle(pool, readFileSync(bundle.path, 'utf8'))
    const worker = await Worker.create({
      connection,
      namespace: addresses.temporal.namespace,
      taskQueue: addresses.taskQueue,
      workflowBundle: { codePath: bundle.path },
      activities: createActivities({
        pool,
        client,
        sources,
        log,
        taskQueue: addresses.taskQueue,
        models: await openModels(config),
        budget: { dailyBudgetUsd: config.LLM_DAILY_BUDGET_USD, unknownModelPrice: modelPrice(config.LLM_PRICE_USD_PER_MTOK) },
        modelDeadlineMs: modelDeadlineMs(config.NUDGE_SECONDS),
      }),
      maxConcurrentActivityTaskExecutions: 50,
      // A feed must be heard at least every 5 s; the default would send a beat only every 4 s.
      maxHeartbeatThrottleInterval: '1s',
      defaultHeartbeatThrottleInterval: '1s',
      shutdownGraceTime: shutdownGraceMs,
      shutdownForceTime: shutdownGraceMs + 500,
    })
    sequencer.start()
    pruner.start()
    lostOrders.start()
    const running = worker.run()
    reportReady({ version: null, detail: `task queue ${addresses.taskQueue}, bundle ${bundle.hash.slice(0, 8)}` })
    // A worker that fails by itself ends this process, and the supervisor starts it again.
    await Promise.race([running, told])
    if (worker.getState() === 'RUNNING') worker.shutdown()
    await running
  } finally {
    pruner.stop()
    await lostOrders.stop()
    await sequencer.stop()
    await sources.close()
    await pool.end()
    await clientConnection.close()
    await connection.close()
  }
}

function installRuntime(config: Config): void {
  const level = config.LOG_LEVEL.toUpperCase() as LogLevel // the four levels have Temporal's names in lower case
  Runtime.install({
    logger: new DefaultLogger(level, ({ level: entryLevel, message, meta }) =>
      log(`${new Date().toISOString()} ${entryLevel} ${message} ${meta === undefined ? '' : JSON.stringify(meta, logValue)}`),
    ),
    telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'WARN', other: 'WARN' }) } },
    shutdownSignals: [], // ours alone decides when to end
  })
}

/** An Error's words are not enumerable, so JSON would drop them; a task token says nothing to a reader. */
function logValue(key: string, value: unknown): unknown {
  if (value instanceof Error) return describeError(value)
  return key === 'taskToken' ? undefined : value
}

/** The offline model is always there; OpenAI and what speaks its language where a key or an address says so. */
async function openModels(config: Config): Promise<ModelClient> {
  const offline = createOfflineModel([offlineReply])
  if (config.OPENAI_API_KEY === undefined && config.OPENAI_BASE_URL === undefined) return createModelRouter({ offline })
  const { createOpenAiModel } = await import('../llm/openai/openai-model.ts')
  return createModelRouter({ offline, openai: createOpenAiModel({ apiKey: config.OPENAI_API_KEY, baseUrl: config.OPENAI_BASE_URL }) })
}

function marketAddresses(config: Config): { coinbaseRestUrl?: string; coinbaseStreamUrl?: string } {
  return {
    ...(config.COINBASE_BASE_URL === undefined ? {} : { coinbaseRestUrl: config.COINBASE_BASE_URL }),
    ...(config.COINBASE_WS_URL === undefined ? {} : { coinbaseStreamUrl: config.COINBASE_WS_URL }),
  }
}

async function connect({ temporal }: Addresses): Promise<NativeConnection> {
  try {
    return await NativeConnection.connect({ address: temporal.address, ...temporal.options })
  } catch (error) {
    throw new ExitError('dependencyDown', `cannot reach Temporal at ${temporal.address}: ${describeError(error)}`)
  }
}
