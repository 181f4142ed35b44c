import { findOrder } from '@trader/server/database/queries/list-orders'
import { value } from '@trader/server/database/queries/value'
import { decisionId } from '@trader/workflows/names'
import type { TradingDecisionWorkflow } from '@trader/workflows/trading-decision'
import { decisionTime, openBuyingRun } from './support/buying-market.ts'
import { latencies } from './support/percentile.ts'
import { report, say } from './support/report.ts'
import { startTradingWorld, taskQueue, type TradingWorld } from './support/trading-world.ts'

// From the nudge (the start of the decision's workflow) to the reserved order, and to the decision on record. Each sample is a run
// of its own in which the offline model buys: snapshot, gate, prompt, model, risk, reservation, order workflow, log.

const [warmUps, samples] = [5, 60]

/** Ms from the nudge: by our clock to the end of the decision, by the database's to the order's row (both are this machine's). */
async function nudge(world: TradingWorld): Promise<{ orderMs: number; decidedMs: number }> {
  const { run_id: runId } = await openBuyingRun(world)
  const nudgedAt = Date.now()
  const began = performance.now()
  const record = await world.client.workflow.execute<typeof TradingDecisionWorkflow>('TradingDecisionWorkflow', {
    workflowId: decisionId({ runId, marketTime: decisionTime }),
    taskQueue,
    args: [{ run_id: runId, book: 'paper', market_time: decisionTime, model: 'offline' }],
  })
  const decidedMs = performance.now() - began
  const [orderId] = record.orders
  if (orderId === undefined || (await findOrder(world.pool, orderId)) === null)
    throw new Error(`the decision of ${runId} placed no order: ${record.hold_reason} ${JSON.stringify(record.blocks)}`)
  const createdAt = await value<number>(world.pool, 'select created_at as value from orders where order_id = $1', [orderId])
  return { orderMs: createdAt - nudgedAt, decidedMs }
}

const world = await startTradingWorld()
try {
  say(`nudging ${warmUps} + ${samples} times`)
  for (let index = 0; index < warmUps; index += 1) await nudge(world)
  const measured: Awaited<ReturnType<typeof nudge>>[] = []
  for (let index = 0; index < samples; index += 1) measured.push(await nudge(world))
  report('nudge-to-order', {
    order_reserved: latencies(measured.map(({ orderMs }) => orderMs)),
    decision_recorded: latencies(measured.map(({ decidedMs }) => decidedMs)),
    model: 'offline',
  })
} finally {
  await world.stop()
}
