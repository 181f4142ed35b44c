import { DefaultLogger, type NativeConnection, Runtime, Worker } from '@temporalio/worker'
import type { TestWorkflowEnvironment } from '@temporalio/testing'
import type { Client } from '@temporalio/client'
import { offlineReply } from '@trader/core/agent/offline-trader'
import type { Run, RunIdentity } from '@trader/core/contract/run'
import type { Pool } from '@trader/server/database/pool'
import { openRun } from '@trader/server/database/queries/open-run'
import { openMarketSource } from '@trader/server/exchange/open-market-source'
import { createModelRouter } from '@trader/server/llm/model-router'
import { createOfflineModel } from '@trader/server/llm/offline/offline-model'
import { ensureWorkflowBundle } from '@trader/server/stack/bundle'
import { startAgents } from '@trader/server/stack/run/start-agents'
import { createActivities } from '@trader/server/worker/create-activities'
import { SourcePool } from '@trader/server/worker/feed/source-pool'
import { carefulMaximum } from '@trader/server/llm/price-table'
import { createDatabase, startPostgres, type TestPostgres } from '../../test/support/postgres.ts'
import { startTemporal } from '../../test/support/temporal.ts'
import { say } from './report.ts'

export const taskQueue = 'bench'

/** A worker with every real activity, on a Postgres and a Temporal server of its own, all in this process's care. */
export interface TradingWorld {
  readonly pool: Pool
  readonly client: Client
  /** For another worker on the same server. */
  readonly connection: NativeConnection
  /** Opens a run and lets the ledger and the agents know it. */
  readonly openRun: (identity: Pick<RunIdentity, 'market' | 'products'>, marketTime: number) => Promise<Run>
  readonly stop: () => Promise<void>
}

export async function startTradingWorld(): Promise<TradingWorld> {
  Runtime.install({ logger: new DefaultLogger('WARN') })
  const [postgres, temporal, bundle] = await Promise.all([startPostgres(), startTemporal(), ensureWorkflowBundle(say)])
  const { pool } = await createDatabase(postgres.adminUrl)
  const { client } = temporal
  const worker = await Worker.create({
    connection: temporal.nativeConnection,
    taskQueue,
    workflowBundle: { codePath: bundle.path },
    activities: createActivities({
      pool,
      client,
      taskQueue,
      sources: new SourcePool((request) => openMarketSource(request)),
      models: createModelRouter({ offline: createOfflineModel([offlineReply]) }),
      budget: { dailyBudgetUsd: 5, unknownModelPrice: carefulMaximum },
      modelDeadlineMs: 20_000,
      log: say,
    }),
    maxConcurrentActivityTaskExecutions: 50,
  })
  const running = worker.run()
  let runs = 0
  return {
    pool,
    client,
    connection: temporal.nativeConnection,
    openRun: async ({ market, products }, marketTime) => {
      runs += 1
      const identity: RunIdentity = { market, products, file_hashes: [], seed: runs, book: 'paper' }
      const { run } = await openRun(pool, { run_id: `bench-${runs}`, identity, starting_cash: '10000', market_time: marketTime })
      await startAgents({ client, taskQueue, runId: run.run_id, book: 'paper', startId: `bench-${runs}` })
      return run
    },
    stop: () => stopAll({ worker, running, temporal, pool, postgres }),
  }
}

async function stopAll(started: {
  worker: Worker
  running: Promise<void>
  temporal: TestWorkflowEnvironment
  pool: Pool
  postgres: TestPostgres
}): Promise<void> {
  started.worker.shutdown()
  await started.running
  await started.temporal.teardown()
  await started.pool.end()
  await started.postgres.stop()
}
