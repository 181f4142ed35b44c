import { join } from 'node:path'
import { readFileSync } from 'node:fs'
import proto, { type temporal } from '@temporalio/proto'
import { bundleWorkflowCode, DefaultLogger, Worker } from '@temporalio/worker'
import { replayJob } from '@trader/server/audit/replay/replay-job'
import { ensureWorkflowBundle } from '@trader/server/stack/bundle'
import { decisionId } from '@trader/workflows/names'
import type { TradingDecisionWorkflow } from '@trader/workflows/trading-decision'
import { decisionTime, openBuyingRun } from './support/buying-market.ts'
import { percentile } from './support/percentile.ts'
import { report, rounded, say } from './support/report.ts'
import { startTradingWorld, taskQueue, type TradingWorld } from './support/trading-world.ts'

// What it costs to replay a decision and to compare everything it did, against what Temporal's own replay of a workflow costs that
// does nothing, with as many events. CPU time in one process, the two in turns; bundles are made before, and loaded in both.

type History = temporal.api.history.v1.IHistory

const { History: historyMessage } = proto.temporal.api.history.v1
const quiet = new DefaultLogger('ERROR')
const rounds = 9
const perRound = 60

interface Recorded {
  readonly workflowId: string
  readonly history: History
}

const eventsOf = ({ history }: Recorded): number => history.events?.length ?? 0

async function decision({ client }: TradingWorld, runId: string, marketTime: number): Promise<Recorded & { readonly orders: number }> {
  const workflowId = decisionId({ runId, marketTime })
  const { orders } = await client.workflow.execute<typeof TradingDecisionWorkflow>('TradingDecisionWorkflow', {
    workflowId,
    taskQueue,
    args: [{ run_id: runId, book: 'paper', market_time: marketTime, model: 'offline' }],
  })
  return { workflowId, orders: orders.length, history: await client.workflow.getHandle(workflowId).fetchHistory() }
}

/** A start and an end have 5 events, an activity 6. */
async function noOp(world: TradingWorld, events: number): Promise<Recorded> {
  const workflowId = `no-op-${events}`
  const handle = await world.client.workflow.start('NoOpWorkflow', { workflowId, taskQueue: 'no-op', args: [Math.round((events - 5) / 6)] })
  await handle.result()
  return { workflowId, history: await handle.fetchHistory() }
}

/** Milliseconds of CPU per event, but for the first replay of each worker, which loads its bundle. */
async function cpuPerEvent(recorded: Recorded, replay: (many: Recorded[]) => AsyncIterable<unknown>): Promise<number> {
  let began = process.cpuUsage()
  let replayed = 0
  for await (const found of replay(Array.from({ length: perRound + 1 }, () => recorded))) {
    if (found !== null) throw new Error(`${recorded.workflowId} is not identical: ${JSON.stringify(found)}`)
    if (replayed === 0) began = process.cpuUsage()
    replayed += 1
  }
  const { user, system } = process.cpuUsage(began)
  return (user + system) / 1000 / (perRound * eventsOf(recorded))
}

async function* plainReplay(code: string, many: readonly Recorded[]): AsyncGenerator {
  for await (const { error } of Worker.runReplayHistories({ workflowBundle: { code } }, many)) yield error ?? null
}

function auditReplay(code: string, many: readonly Recorded[]): AsyncGenerator {
  const histories = many.map(({ workflowId, history }) => ({
    workflowId,
    bytes: historyMessage.encode(history).finish(),
    bundleHash: null,
  }))
  return replayJob({ code, namespace: 'default', taskQueue, histories })
}

async function compare(recorded: Recorded, floor: Recorded, { code, noOpCode }: Codes): Promise<Record<string, number>> {
  const [ours, theirs]: [number[], number[]] = [[], []]
  for (let round = 0; round < rounds; round += 1) {
    theirs.push(await cpuPerEvent(floor, (many) => plainReplay(noOpCode, many)))
    ours.push(await cpuPerEvent(recorded, (many) => auditReplay(code, many)))
  }
  const ratios = ours.map((cpu, round) => cpu / (theirs[round] ?? 1))
  return {
    events: eventsOf(recorded),
    no_op_events: eventsOf(floor),
    cpu_ms: rounded(percentile(ours, 0.5) * eventsOf(recorded)),
    no_op_cpu_ms: rounded(percentile(theirs, 0.5) * eventsOf(floor)),
    ratio: rounded(percentile(ratios, 0.5)),
  }
}

interface Codes {
  readonly code: string
  readonly noOpCode: string
}

const world = await startTradingWorld()
try {
  const noOpBundle = await bundleWorkflowCode({ workflowsPath: join(import.meta.dirname, 'support', 'no-op-workflow.ts'), logger: quiet })
  const codes = { code: readFileSync((await ensureWorkflowBundle(say)).path, 'utf8'), noOpCode: noOpBundle.code }
  const worker = await Worker.create({
    connection: world.connection,
    taskQueue: 'no-op',
    workflowBundle: noOpBundle,
    activities: { nothing: () => Promise.resolve() },
  })
  const [bought, held, noOps] = await worker.runUntil(async () => {
    const { run_id: runId } = await openBuyingRun(world)
    const bought = await decision(world, runId, decisionTime)
    if (bought.orders === 0) throw new Error(`${bought.workflowId} placed no order`)
    const held = await decision(world, runId, decisionTime + 1)
    return [bought, held, [await noOp(world, eventsOf(bought)), await noOp(world, eventsOf(held))]] as const
  })
  report('replay', {
    replay: {
      decision_with_order: await compare(bought, noOps[0], codes),
      decision_held_by_gate: await compare(held, noOps[1], codes),
      target: 'ratio at most 1.3',
    },
  })
} finally {
  await world.stop()
}
