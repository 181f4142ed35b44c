import type { Client as McpClient } from '@modelcontextprotocol/client'
import { Client, Connection } from '@temporalio/client'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { Pool } from '@trader/server/database/pool'
import { mcpServerFactory } from '@trader/server/mcp/server'
import { newRun } from '../database/book.ts'
import { createDatabase } from '../support/postgres.ts'
import { connect, eras, ownerToken, post, startMcp, type McpServerUnderTest } from './mcp-server.ts'

let pool: Pool
let mcp: McpServerUnderTest
/** Every server that the factory made. */
const servers: object[] = []

beforeAll(async () => {
  pool = (await createDatabase(inject('postgresUrl'))).pool
  mcp = await startMcp({
    pool,
    client: new Client({ connection: Connection.lazy() }),
    taskQueue: 'none',
    makeFactory: (...given) => {
      const factory = mcpServerFactory(...given)
      return async (caller) => {
        const server = await factory(caller)
        servers.push(server)
        return server
      }
    },
  })
})
afterAll(async () => {
  await mcp.stop()
  await pool.end()
})

const atOnce = 16

/** Calls numbered from 0, some at a time. */
async function interleaved(calls: number, call: (index: number) => Promise<void>): Promise<void> {
  let next = 0
  const worker = async (): Promise<void> => {
    for (let index = next++; index < calls; index = next++) await call(index)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}

describe('two clients with the same request ids, 2,000 calls together', () => {
  it.each(eras)('each have their own answers, through the official client in the %s protocol', async (era) => {
    const runs = await Promise.all([newRun(pool), newRun(pool)])
    // A client numbers its requests from 0: both use the same ids at the same time.
    const clients = await Promise.all([connect({ url: mcp.url, era }), connect({ url: mcp.url, era, token: ownerToken })])
    const before = servers.length
    let answered = 0
    const callOf = (client: McpClient, runId: string) => async (index: number) => {
      const answer = await client.callTool({ name: 'get_transaction_history', arguments: { run_id: runId, since_ts: index } })
      expect(answer.structuredContent).toMatchObject({ since_timestamp: index, count: 0 })
      const wallets = index % 10 === 0 ? await client.callTool({ name: 'list_wallets', arguments: { run_id: runId } }) : null
      if (wallets !== null) expect(wallets.structuredContent).toMatchObject({ run_id: runId })
      // The one has no token and may only read, whoever calls beside it.
      const write = index % 10 === 5 ? await client.callTool({ name: 'set_tradeable_fraction', arguments: {} }) : null
      if (write !== null) expect(JSON.stringify(write.content)).toContain(client === clients[1] ? 'INVALID_ARGUMENTS' : 'SCOPE_REQUIRED')
      answered += 1
    }
    await Promise.all(clients.map((client, index) => interleaved(500, callOf(client, runs[index] ?? ''))))
    await Promise.all(clients.map((client) => client.close()))
    expect(answered).toBe(1000)
    expect(new Set(servers).size).toBe(servers.length)
    expect(servers.length - before).toBeGreaterThanOrEqual(1200)
  })

  it('each have their own answers, by hand on the wire, where all ids are one', async () => {
    const runs = await Promise.all([newRun(pool), newRun(pool)])
    await interleaved(1000, async (index) => {
      const runId = runs[index % 2] ?? ''
      const body = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_transaction_history","arguments":{"run_id":"${runId}","since_ts":${index}}}}`
      const answer = await (await post(mcp.url, body)).text()
      expect(answer).toContain(`"since_timestamp":${index},`)
    })
  })
})
