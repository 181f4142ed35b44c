import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { minuteMs } from '@trader/core/market/timeframe'
import { candleCsv } from '@trader/core/market/candle-csv'
import { demoMarket } from '@trader/server/stack/demo/demo-market'
import type { MarketStreamWorkflow } from '@trader/workflows/market-stream'
import { decisionId, executionAgentId, executionLedgerId, featureId, marketStreamId, subscriptionId } from '@trader/workflows/names'
import type { TradingDecisionWorkflow } from '@trader/workflows/trading-decision'
import { decisionTime, openBuyingRun, planOf, product } from './support/buying-market.ts'
import { report, rounded } from './support/report.ts'
import { startTradingWorld, taskQueue, type TradingWorld } from './support/trading-world.ts'

// What a decision and a cycle of the stream add to Temporal's histories, counted in the histories themselves.

const historyMinutes = 60
const cycles = 240

async function eventsOf({ client }: TradingWorld, workflowId: string): Promise<number> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory()
  return events?.length ?? 0
}

async function decide({ client }: TradingWorld, runId: string, marketTime: number): Promise<{ id: string; orders: readonly string[] }> {
  const id = decisionId({ runId, marketTime })
  const { orders } = await client.workflow.execute<typeof TradingDecisionWorkflow>('TradingDecisionWorkflow', {
    workflowId: id,
    taskQueue,
    args: [{ run_id: runId, book: 'paper', market_time: marketTime, model: 'offline' }],
  })
  return { id, orders }
}

/** A decision that buys and, right after it, one whose gate stays shut: events of their own and in the workflows they speak to. */
async function countDecisions(world: TradingWorld): Promise<Record<string, unknown>> {
  const { run_id: runId } = await openBuyingRun(world)
  const shared = [executionLedgerId('paper'), executionAgentId]
  const before = await Promise.all(shared.map((id) => eventsOf(world, id)))
  const trade = await decide(world, runId, decisionTime)
  const order = trade.orders.length
  if (order === 0) throw new Error(`${trade.id} placed no order`)
  const after = await Promise.all(shared.map((id) => eventsOf(world, id)))
  const hold = await decide(world, runId, decisionTime + 1)
  if (hold.orders.length > 0) throw new Error(`${hold.id} should have held`)
  return {
    decision_with_order: await eventsOf(world, trade.id),
    ledger_per_decision_with_order: (after[0] ?? 0) - (before[0] ?? 0),
    agent_per_decision: (after[1] ?? 0) - (before[1] ?? 0),
    decision_held_by_gate: await eventsOf(world, hold.id),
  }
}

/** A replay without decisions: what its cycles leave in the stream, the subscription and the feature workflow. */
async function countCycles(world: TradingWorld): Promise<Record<string, unknown>> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'))
  try {
    const market = demoMarket()
    const file = join(folder, market.fileName)
    const rows = market.csv.split('\n').slice(1, 1 + historyMinutes + cycles)
    writeFileSync(file, [candleCsv.header, ...rows, ''].join('\n'))
    const begins = Number(rows[0]?.split(',')[0]) + historyMinutes * minuteMs
    const run = await world.openRun({ market: 'replay', products: [product] }, begins)
    const source = { market: 'replay' as const, files: [file], seed: 1, speed: 'max' as const, spread_bps: 2, exchange: null }
    const featureBefore = await eventsOf(world, featureId(product))
    await world.client.workflow.execute<typeof MarketStreamWorkflow>('MarketStreamWorkflow', {
      workflowId: marketStreamId,
      taskQueue,
      args: [planOf(run.run_id, { source, historical_minutes: historyMinutes })],
    })
    const subscription = await eventsOf(world, subscriptionId)
    const features = (await eventsOf(world, featureId(product))) - featureBefore
    return {
      cycles,
      subscription_per_cycle: rounded(subscription / cycles),
      features_per_cycle_and_product: rounded(features / cycles),
      stream_in_all: await eventsOf(world, marketStreamId),
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const world = await startTradingWorld()
try {
  report('history-events', { events: { ...(await countDecisions(world)), ...(await countCycles(world)) } })
} finally {
  await world.stop()
}
