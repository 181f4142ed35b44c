import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker'
import { beforeAll, describe, expect, it } from 'vitest'
import { ensureWorkflowBundle } from '@trader/server/stack/bundle'
import * as workflows from '@trader/workflows/index'
import * as messages from '@trader/workflows/messages'
import { coverageOf } from './recorded-history.ts'
import { fixture } from './replay-content.ts'

// What was recorded must be replayed by the workflows of today: a change that a running workflow could not follow is seen here.
// `make record-histories` records anew, for a change that is meant and when nothing old can be running any more.

const folder = join(import.meta.dirname, 'histories')
const types = readdirSync(folder).map((name) => name.replace('.gz', ''))

let codePath: string
beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') })
  codePath = (await ensureWorkflowBundle(() => {})).path
}, 60_000)

describe('the recorded histories', () => {
  it('are of every workflow type', () => {
    expect(types.toSorted()).toEqual(Object.keys(workflows).toSorted())
  })

  it('show every signal and update at least once, and workflows that continue as new', () => {
    const shown = new Set(types.flatMap((type) => fixture(type).flatMap((one) => Array.from(coverageOf(one)))))
    const said = Object.values(messages).flatMap((message) =>
      typeof message === 'object' && message.type !== 'query' ? [`${message.type} ${message.name}`] : [],
    )
    expect(said.length).toBeGreaterThan(20)
    expect(said.filter((message) => !shown.has(message))).toEqual([])
    const continuing = types.filter((type) => fixture(type).some((one) => coverageOf(one).has('EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW')))
    expect(continuing.toSorted()).toEqual([
      'BrokerAgentWorkflow',
      'ComputeFeatureVectorWorkflow',
      'ExecutionAgentWorkflow',
      'ExecutionLedgerWorkflow',
      'JudgeAgentWorkflow',
      'MarketStreamWorkflow',
      'PlaceMockOrderWorkflow',
      'SubscribeCexStreamWorkflow',
    ])
  })

  it.each(types)('of %s are replayed', async (type) => {
    const histories = fixture(type).map(({ workflow_id, history }) => ({ workflowId: workflow_id, history }))
    const failures: string[] = []
    for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle: { codePath } }, histories)) {
      if (error !== undefined) failures.push(`${workflowId}: ${error.message}`)
    }
    expect(failures).toEqual([])
  })
})
