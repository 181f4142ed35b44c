import type { TestWorkflowEnvironment } from '@temporalio/testing'
import { Worker } from '@temporalio/worker'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SubscribeCexStreamWorkflow, type SubscribeCexStreamInput } from '@trader/workflows/subscribe-cex-stream'
import type { FeedInput, FeedResult } from '@trader/workflows/activities'
import { startTemporal } from '../support/temporal.ts'
import { planOf } from './market.ts'

const taskQueue = 'limits'
const suggestNewRunAfter = 50
const totalCycles = 1000

let temporal: TestWorkflowEnvironment
let worker: Worker
let running: Promise<void>
const asked: FeedInput[] = []

beforeAll(async () => {
  temporal = await startTemporal({ suggestNewRunAfter })
  worker = await Worker.create({
    connection: temporal.nativeConnection,
    taskQueue,
    workflowsPath: new URL('../../workflows/src/index.ts', import.meta.url).pathname,
    activities: { runFeed: feed },
  })
  running = worker.run()
})
afterAll(async () => {
  worker.shutdown()
  await running
  await temporal.teardown()
})

/** A feed whose cursor counts its cycles. */
async function feed(input: FeedInput): Promise<FeedResult> {
  asked.push(input)
  const cycles = Math.min(input.max_cycles, totalCycles - (input.cursor ?? 0))
  const cursor = (input.cursor ?? 0) + cycles
  return { cursor, cycles, ended: cursor === totalCycles ? 'end_of_data' : null }
}

async function runWith(name: string, limits: { continue_every: number; history_limit: number }) {
  asked.length = 0
  const input: SubscribeCexStreamInput = { plan: planOf(name, [], { stream_limits: limits }), cursor: null }
  const handle = await temporal.client.workflow.start(SubscribeCexStreamWorkflow, { workflowId: name, taskQueue, args: [input] })
  const result = await handle.result()
  const runs: { events: number; cursor: number | null }[] = []
  let runId: string | undefined = handle.firstExecutionRunId
  while (runId !== undefined) {
    const { events } = await temporal.client.workflow.getHandle(name, runId).fetchHistory()
    const payload = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0]?.data
    const started: SubscribeCexStreamInput = JSON.parse(Buffer.from(payload ?? '').toString())
    runs.push({ events: events?.length ?? 0, cursor: started.cursor })
    runId = events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId ?? undefined
  }
  return { result, runs }
}

describe('a subscription goes on as a new run', () => {
  it('after its cycles, exactly, with the cursor in hand', async () => {
    const { result, runs } = await runWith('by-cycles', { continue_every: 150, history_limit: 9000 })
    expect(result).toEqual({ ended: 'end_of_data', cursor: totalCycles })
    expect(runs.map((run) => run.cursor)).toEqual([null, 150, 300, 450, 600, 750, 900])
    expect(asked.slice(0, 4).map((input) => input.max_cycles)).toEqual([60, 60, 30, 60])
  })

  it('at its limit of history events', async () => {
    const { runs } = await runWith('by-events', { continue_every: 3600, history_limit: 20 })
    expect(runs.length).toBeGreaterThan(4)
    for (const { events } of runs) expect(events).toBeLessThan(30)
  })

  it("at the server's suggestion", async () => {
    const { runs } = await runWith('by-suggestion', { continue_every: 3600, history_limit: 9000 })
    expect(runs.length).toBeGreaterThan(1)
    for (const { events } of runs) expect(events).toBeLessThan(suggestNewRunAfter + 15)
  })

  it('not before a limit', async () => {
    const { runs } = await runWith('one-run', { continue_every: totalCycles, history_limit: 9000 })
    expect(runs.length).toBeLessThan(4)
    expect(asked.at(-1)?.max_cycles).toBeLessThanOrEqual(60)
  })
})
