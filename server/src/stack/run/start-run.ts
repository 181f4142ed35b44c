import { randomBytes } from 'node:crypto'
import { Client } from '@temporalio/client'
import type { MarketPlan } from '@trader/core/contract/market-messages'
import type { Run } from '@trader/core/contract/run'
import { defaultRiskLimits } from '@trader/core/risk/limits'
import { createPool } from '../../database/pool.ts'
import { getTradingFlag } from '../../database/queries/trading-flag.ts'
import { connectTemporal } from '../../temporal-connection.ts'
import { dataDirPaths } from '../data-dir.ts'
import { timedStep } from '../progress.ts'
import type { StartRun } from '../run-hook.ts'
import type { StartOptions } from '../start-options.ts'
import { scheduleArchiving } from './archive-schedule.ts'
import { openOrResume, startMarket } from './begin-run.ts'
import { checkTaskQueue } from './check-task-queue.ts'
import { MarketRun } from './market-run.ts'
import { scheduleNudges } from './nudge-schedule.ts'
import { planRun } from './run-plan.ts'
import { startAgents } from './start-agents.ts'

/** Opens or resumes the run, starts the agents and the market, and knows when the run is over. */
export const startRun: StartRun = async (options, services) => {
  const { config, addresses, progress } = services
  const planned = await planRun(options, config)
  const pool = createPool({ connectionString: addresses.databaseUrl.reveal(), max: 4 })
  const connection = await connectTemporal(addresses.temporal)
  const client = new Client({ connection, namespace: addresses.temporal.namespace })
  const startId = randomBytes(6).toString('hex')
  const { run, resumed } = await openOrResume(pool, planned)
  const plan: MarketPlan = { ...planned.plan, run_id: run.run_id }
  const target = { client, taskQueue: addresses.taskQueue, runId: run.run_id, book: run.book }

  await checkTaskQueue(target)
  await timedStep(progress, 'agents', async () => {
    await startAgents({ ...target, startId })
    await scheduleNudges({ ...target, model: plan.model, nudgeSeconds: plan.nudge_seconds, isStepped: planned.isStepped })
    await scheduleArchiving(target)
    const pace = planned.isStepped ? 'at each step of the market' : `every ${plan.nudge_seconds} s`
    return `broker, execution (${pace}, model ${plan.model}), judge`
  })
  await timedStep(progress, 'market', async () => {
    await startMarket({ ...target, plan, startId })
    return describeMarket({ options, run, resumed })
  })
  const flag = await getTradingFlag(pool, run.book)
  if (flag.state !== 'active')
    progress.warning(`trading is ${flag.state.toUpperCase()} (${flag.who}: ${flag.reason}); \`trader resume\` lifts it`)
  const { sealLog } = dataDirPaths(config.DATA_DIR)
  return new MarketRun({ pool, connection, client, run, options, startId, isStepped: planned.isStepped, sealLog, progress })
}

function describeMarket({ options, run, resumed }: { options: StartOptions; run: Run; resumed: boolean }): string {
  const pace = options.speed === 1 ? '' : `, speed ${options.speed}`
  const story = resumed ? `run ${run.run_id} goes on` : `new run ${run.run_id} with ${defaultRiskLimits.starting_cash} USD`
  return `${run.products.join(' ')} ${run.market}${pace}; ${story}`
}
