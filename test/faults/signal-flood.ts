import type { Client } from '@temporalio/client'
import type { TestWorkflowEnvironment } from '@temporalio/testing'
import { Worker } from '@temporalio/worker'
import type { Pool } from '@trader/server/database/pool'
import { createAgentLogActivities } from '@trader/server/worker/activities/agent-log'
import { createFeedbackActivities } from '@trader/server/worker/activities/feedback'
import { createTradingFlagActivities } from '@trader/server/worker/activities/trading-flag'
import { ExecutionAgentWorkflow } from '@trader/workflows/execution-agent'
import * as messages from '@trader/workflows/messages'
import { executionAgentId } from '@trader/workflows/names'
import { setTimeout as sleep } from 'node:timers/promises'

/** What a flood of signals came to: every one of them must have been counted once, over many runs of the workflow. */
export interface SignalFlood {
  readonly sent: number
  readonly counted: number
  readonly refused: number
  readonly runs: number
  /** Most events in the history of one run. */
  readonly longest_run: number
  readonly seconds: number
  readonly signals_per_second: number
}

/** Signals under way at once: the server answers about a hundred a second one by one. */
const inFlight = 4

/**
 * Sends `signals` decisions to the execution agent at most `perSecond` a second, and waits until it has counted what came. Each run
 * ends after so many events as the server of `temporal` suggests, if it can: the server refuses the end of a run into which a
 * signal falls, so traffic at the limit of the machine puts it off. `breath`: so many signals come before the agent may catch up.
 */
export async function floodWithSignals(options: {
  readonly temporal: TestWorkflowEnvironment
  readonly pool: Pool
  readonly signals: number
  readonly perSecond: number
  readonly breath?: number
  readonly tell?: (text: string) => void
}): Promise<SignalFlood> {
  const { temporal, pool, signals, perSecond, breath = signals, tell = () => {} } = options
  const taskQueue = 'flooded'
  const worker = await Worker.create({
    connection: temporal.nativeConnection,
    taskQueue,
    workflowsPath: new URL('../../workflows/src/index.ts', import.meta.url).pathname,
    activities: { ...createAgentLogActivities({ pool }), ...createFeedbackActivities({ pool }), ...createTradingFlagActivities({ pool }) },
  })
  return worker.runUntil(async () => {
    const { workflow } = temporal.client
    const agent = () => workflow.getHandle(executionAgentId)
    await workflow.start(ExecutionAgentWorkflow, { workflowId: executionAgentId, taskQueue, args: [{ book: 'paper' }] })
    const began = performance.now()
    const stats = () => agent().query(messages.executionStatsQuery)
    let next = 0
    const send = async (until: number): Promise<void> => {
      while (next < until) {
        const number = (next += 1)
        const early = (number / perSecond) * 1000 - (performance.now() - began)
        if (early > 0) await sleep(early)
        await agent().signal(messages.logDecisionSignal, decisionOf(number))
        if (number % 5000 === 0) tell(`${number} of ${signals} signals`)
      }
    }
    for (let until = breath; until < signals + breath; until += breath) {
      await Promise.all(Array.from({ length: inFlight }, () => send(Math.min(until, signals))))
      await counted(stats, Math.min(until, signals))
    }
    const seconds = (performance.now() - began) / 1000
    const { decisions, refused_messages: refused } = await stats()
    const lengths = await runLengths(temporal.client, executionAgentId)
    await agent().terminate('the flood is over')
    return {
      sent: signals,
      counted: decisions,
      refused,
      runs: lengths.length,
      longest_run: Math.max(...lengths),
      seconds: Math.round(seconds),
      signals_per_second: Math.round(signals / seconds),
    }
  })
}

type Page = Awaited<ReturnType<Client['connection']['workflowService']['getWorkflowExecutionHistory']>>

/** Events of each run, the newest first. Each run's first event names the run before it; the list of runs would lag behind. */
async function runLengths({ workflow, connection, options }: Client, workflowId: string): Promise<number[]> {
  const lengths: number[] = []
  let runId: string | null | undefined = (await workflow.getHandle(workflowId).describe()).runId
  while (runId) {
    lengths.push((await workflow.getHandle(workflowId, runId).describe()).historyLength)
    const request: { namespace: string; execution: object; maximumPageSize: number } = {
      namespace: options.namespace,
      execution: { workflowId, runId },
      maximumPageSize: 1,
    }
    const page: Page = await connection.workflowService.getWorkflowExecutionHistory(request)
    runId = page.history?.events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId
  }
  return lengths
}

/** The agent's count, once it has come to `expected` or has stood still for ten seconds. */
async function counted<Stats extends { decisions: number }>(ask: () => Promise<Stats>, expected: number): Promise<Stats> {
  let [last, stillSince] = [-1, performance.now()]
  for (;;) {
    const stats = await ask()
    if (stats.decisions !== last) [last, stillSince] = [stats.decisions, performance.now()]
    if (stats.decisions >= expected || performance.now() - stillSince > 10_000) return stats
    await sleep(100)
  }
}

function decisionOf(number: number) {
  return {
    id: `decision-run-1-${number}`,
    run_id: 'run-1',
    book: 'paper' as const,
    market_time: number,
    action: 'HOLD' as const,
    hold_reason: 'GATE_CLOSED' as const,
    products: ['BTC-USD'],
    prompt_version: 1,
    model: null,
    orders: [],
    feedback_used: [],
    blocks: 0,
    model_calls: 0,
    summary: '',
  }
}
