import { fileURLToPath } from 'node:url'
import type { TestWorkflowEnvironment } from '@temporalio/testing'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { loadConfig } from '@trader/server/config'
import type { Pool } from '@trader/server/database/pool'
import { createDatabase } from '../../support/postgres.ts'
import { startTemporal } from '../../support/temporal.ts'
import { startMcp } from '../mcp-server.ts'
import { fixtureFactory, serveSessions } from './fixture-servers.ts'
import { allScenarios, runSuite, type SuiteOutcome } from './run-suite.ts'

const baseline = (name: string): string => fileURLToPath(new URL(`${name}.yml`, import.meta.url))

let temporal: TestWorkflowEnvironment
let pool: Pool

beforeAll(async () => {
  temporal = await startTemporal()
  pool = (await createDatabase(inject('postgresUrl'))).pool
})
afterAll(async () => {
  await pool.end()
  await temporal.teardown()
})

/** Every scenario ran, and went as the baseline says: no failure or warning beside it, and no line of it without one. */
async function expectAsExpected({ exitCode, output, scenarios }: SuiteOutcome): Promise<void> {
  expect(Object.keys(scenarios).toSorted()).toEqual((await allScenarios()).toSorted())
  expect(exitCode, output.slice(output.indexOf('=== SUMMARY'))).toBe(0)
}

describe('the official conformance suite', () => {
  it('passes on the server as it is shipped, but for what needs a session', async () => {
    const mcp = await startMcp({ pool, client: temporal.client, taskQueue: 'nobody-listens', makeFactory: fixtureFactory })
    // The suite trusts a server by this name alone.
    const url = `${mcp.url.replace('127.0.0.1', 'localhost')}/mcp`
    const outcome = await runSuite({ url, baseline: baseline('expected-failures') }).finally(() => mcp.stop())
    await expectAsExpected(outcome)
  })

  it('passes on the same factory behind a transport with sessions', async () => {
    const services = { pool, temporal: temporal.client, taskQueue: 'nobody-listens', config: loadConfig({ env: {} }), log: () => undefined }
    const sessions = await serveSessions(services)
    const outcome = await runSuite({ url: sessions.url, baseline: baseline('expected-failures-with-sessions') }).finally(sessions.stop)
    await expectAsExpected(outcome)
  })
})
