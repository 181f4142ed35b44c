import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Difference } from '@trader/server/audit/replay/first-difference'
import { ensureWorkflowBundle } from '@trader/server/stack/bundle'
import { beforeAll, describe, expect, it } from 'vitest'
import { changed, differences, fixture, jobHistory, queueOf, quietReplay } from './replay-content.ts'
import { replayJob } from '@trader/server/audit/replay/replay-job'

// Temporal's own replayer compares kinds, names and ids of what workflows do. Here all of it is compared: an order for twice the
// quantity is not the same order. A change that is meant: `make record-histories`.

const types = readdirSync(join(import.meta.dirname, 'histories')).map((name) => name.replace('.gz', ''))

let code: string
beforeAll(async () => {
  quietReplay()
  code = readFileSync((await ensureWorkflowBundle(() => {})).path, 'utf8')
}, 60_000)

/** The first difference in the histories of a type, on code with one place changed. */
async function firstOf(type: string, place: RegExp, replacement: string): Promise<Difference | undefined> {
  return Object.values(await differences(changed(code, place, replacement), fixture(type)))[0]
}

describe('the code of today', () => {
  it.each(types)('does all that %s did, byte by byte', async (type) => {
    expect(await differences(code, fixture(type))).toEqual({})
  })
})

describe('a change of the code', () => {
  it('of a quantity is named', async () => {
    const found = await firstOf('TradingDecisionWorkflow', /sized\.quantity\)/, 'sized.quantity.times(2))')
    expect(found?.path).toMatch(/^activity \d+ reserveOrders, input\[0\]\.orders\[0\]\.order\.quantity$/)
    expect(Number(found?.replayed)).toBeCloseTo(2 * Number(found?.recorded), 6)
  })

  it('of a price is named', async () => {
    const found = await firstOf('TradingDecisionWorkflow', /sized\.limitPrice\)/, 'sized.limitPrice?.plus(1) ?? null)')
    expect(found?.path).toMatch(/^activity \d+ reserveOrders, input\[0\]\.orders\[0\]\.order\.limit_price$/)
    expect(Number(found?.replayed)).toBeCloseTo(Number(found?.recorded) + 1, 6)
  })

  it('of a timer is named', async () => {
    const found = await firstOf('FlattenWorkflow', /sleep\)\(waitMs\)/, 'sleep)(waitMs + 1)')
    expect(found).toEqual({ path: 'timer 1, duration_ms', recorded: 3000, replayed: 3001 })
  })

  it('of an id that something is sent to is named', async () => {
    const found = await firstOf('TradingDecisionWorkflow', /executionAgentId = 'execution-agent'/, "executionAgentId = 'execution-agents'")
    expect(found).toEqual({ path: expect.any(String), recorded: 'signal execution-agent log_decision', replayed: 'signal execution-agents log_decision' })
  })

  it('that adds an activity is named', async () => {
    const found = await firstOf('TradingDecisionWorkflow', /const gathered = await gather\(/, 'await saveDecision(null); const gathered = await gather(')
    expect(found).toMatchObject({ path: 'command 1 of 8', recorded: 'activity 1 gather' })
  })

  it('that leaves an activity out is named', async () => {
    const found = await firstOf('TradingDecisionWorkflow', /\(0,\w+\.recordDecision\)\(record\)/, 'undefined')
    expect(found).toEqual({ path: 'command 6 of 8, left out', recorded: 'activity 5 saveDecision', replayed: null })
  })

  it('that changes what a workflow answers is named', async () => {
    const found = await firstOf('PingWorkflow', /'pong'/, "'ping'")
    expect(found).toEqual({ path: 'result, result', recorded: 'pong', replayed: 'ping' })
  })

  it('that makes it throw is named', async () => {
    const found = await firstOf('TradingDecisionWorkflow', /const gathered = await gather\(/, "throw new TypeError('broken'); const gathered = await gather(")
    expect(found).toEqual({ path: 'command 1 of 8', recorded: 'activity 1 gather', replayed: 'broken' })
  })
})

describe('a history whose code changed under it', () => {
  const [old, young] = ['a'.repeat(64), 'b'.repeat(64)]

  it('is compared on each code only where that one ran', async () => {
    const [recorded] = fixture('TradingDecisionWorkflow')
    if (recorded === undefined) throw new Error('no decision is recorded')
    const tasks = (recorded.history.events ?? []).flatMap((event) => event.workflowTaskCompletedEventAttributes ?? [])
    for (const [at, task] of tasks.entries()) task.workerVersion = { buildId: `@temporalio/worker@1.23.0+${at < 3 ? old : young}` }
    const laterChanged = changed(code, /\(0,\w+\.recordDecision\)\(record\)/, 'undefined')
    const on = async (text: string, hash: string): Promise<Difference | null | undefined> => {
      const job = { code: text, namespace: 'default', taskQueue: queueOf(recorded), histories: [jobHistory(recorded, hash)] }
      for await (const difference of replayJob(job)) return difference
      return undefined
    }
    expect(await on(laterChanged, old)).toBeNull()
    expect(await on(laterChanged, young)).toMatchObject({ recorded: 'activity 5 saveDecision' })
    expect(await on(code, young)).toBeNull()
  })
})
