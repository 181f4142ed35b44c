import { once } from 'node:events'
import { Client as McpClient, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import type { Client } from '@temporalio/client'
import { loadConfig, type Config } from '@trader/server/config'
import type { Pool } from '@trader/server/database/pool'
import { serveMcpHttp } from '@trader/server/mcp/http'
import { Secret } from '@trader/server/secret'
import { closedPort } from '../support/free-ports.ts'

// What the tests of the MCP server share: one on a free port, and the official client in both eras of the protocol.

export const ownerToken = 'owner-token-of-this-test'
export const eras = ['legacy', '2026-07-28'] as const
export type Era = (typeof eras)[number]

export interface McpServerUnderTest {
  readonly config: Config
  readonly url: string
  readonly log: Readonly<Record<string, unknown>>[]
  stop(): Promise<void>
}

export async function startMcp(parts: {
  pool: Pool
  client: Client
  taskQueue: string
  env?: Readonly<Record<string, string>>
  makeFactory?: Parameters<typeof serveMcpHttp>[1]
}): Promise<McpServerUnderTest> {
  const { pool, client: temporal, taskQueue, makeFactory, env = {} } = parts
  const [mcpPort, opsPort] = await Promise.all([closedPort(), closedPort()])
  const config = loadConfig({ env: { ...env, MCP_PORT: String(mcpPort), OPS_PORT: String(opsPort) } })
  const log: Readonly<Record<string, unknown>>[] = []
  const services = {
    pool,
    temporal,
    taskQueue,
    config,
    ownerToken: new Secret(ownerToken),
    log: (line: object) => void log.push({ ...line }),
  }
  const server = await serveMcpHttp(services, makeFactory)
  const stop = async (): Promise<void> => {
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  }
  return { config, url: `http://127.0.0.1:${mcpPort}`, log, stop }
}

/** The official client, connected. Close it when done. */
export async function connect({ url, token, era = 'legacy' }: { url: string; token?: string; era?: Era }): Promise<McpClient> {
  const mode = era === 'legacy' ? ('legacy' as const) : { pin: era }
  const client = new McpClient({ name: 'test', version: '1' }, { versionNegotiation: { mode } })
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`), { requestInit: { headers } }))
  return client
}

export type ToolAnswer = Awaited<ReturnType<McpClient['callTool']>>

/** The code of a refused call; undefined where it was not refused. */
export function codeOf(answer: ToolAnswer): string | undefined {
  const [first] = answer.content ?? []
  if (answer.isError !== true || first?.type !== 'text') return undefined
  return (JSON.parse(first.text) as { code: string }).code
}

/** One JSON-RPC message as it is, sent by hand. */
export function post(url: string, body: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${url}/mcp`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
  })
}

/** MCP's own extra field of a tool or an answer. */
export function metaOf({
  _meta: meta,
}: {
  readonly _meta?: Readonly<Record<string, unknown>> | undefined
}): Readonly<Record<string, unknown>> {
  return meta ?? {}
}
