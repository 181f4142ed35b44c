import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '@modelcontextprotocol/client'
import { stackStatus, type ComponentStatus } from '@trader/core/contract/component-status'
import { z } from 'zod'
import type { Config } from '../config.ts'
import { describeError, ExitError } from '../exit-code.ts'
import { refusalKind } from '../refusal-code.ts'
import { askSupervisor } from '../stack/control-socket.ts'
import { dataDirPaths, type DataDir } from '../stack/data-dir.ts'
import { ownerToken } from '../stack/owner-token.ts'
import { readStackFile } from '../stack/stack-file.ts'
import { say } from './output.ts'

type Fields = Readonly<Record<string, unknown>>

/** The answer of a tool: its result, or its refusal. */
export type ToolAnswer =
  | { readonly ok: true; readonly result: Fields }
  | { readonly ok: false; readonly refusal: Fields & { code: string; message: string } }

const refusal = z.looseObject({ code: z.string(), message: z.string() })
const invalidParams = -32_602
/** One that was killed is back by then. */
const restartedWithinMs = 8000

/** Where the MCP server of a data directory's stack listens. */
export function mcpUrl(config: Config): string {
  const port = readStackFile(dataDirPaths(config.DATA_DIR))?.ports['mcp'] ?? config.MCP_PORT
  const host = ['0.0.0.0', '::'].includes(config.HOST) ? '127.0.0.1' : config.HOST
  return `http://${host}:${port}/mcp`
}

/** Calls a tool of the running stack with the owner's token. */
export async function callTool(config: Config, { name, args }: { name: string; args: Fields }): Promise<ToolAnswer> {
  return withMcpClient(config, async (client) => {
    const answer = await client.callTool({ name, arguments: { ...args } }).catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === invalidParams)
        throw new ExitError('usage', `${error.message}; \`trader tool list\` shows them`)
      throw new ExitError(
        'dependencyDown',
        `the MCP server did not answer ${name}: ${describeError(error)}; \`trader status\` shows what runs`,
      )
    })
    if (answer.isError !== true) return { ok: true, result: z.record(z.string(), z.unknown()).parse(answer.structuredContent) }
    const [first] = answer.content
    return { ok: false, refusal: refusal.parse(JSON.parse(first?.type === 'text' ? first.text : '{}')) }
  })
}

/** Calls a tool, and ends the command with its sentence where it was refused. */
export async function requireTool(config: Config, call: { name: string; args: Fields }): Promise<Fields> {
  const answer = await callTool(config, call)
  if (answer.ok) return answer.result
  const { code, message } = answer.refusal
  throw new ExitError(refusalKind(code), `${code}: ${message}`)
}

/**
 * Ends the command where no MCP server of this data directory runs. Asked before the owner's token is sent anywhere: on the port of
 * a stack that is stopped, anybody may listen. A server that was started by itself is known by TEMPORAL_ADDRESS.
 */
export async function requireMcp(config: Config): Promise<void> {
  const dataDir = dataDirPaths(config.DATA_DIR)
  if (!existsSync(dataDir.ownerTokenFile))
    throw new ExitError('dependencyDown', `no stack was ever started on ${dataDir.root}: run \`trader start\`, or name its --data-dir`)
  if (config.TEMPORAL_ADDRESS !== undefined) return
  const end = performance.now() + restartedWithinMs
  let mcp = await mcpComponent(dataDir)
  if (mcp.state !== 'running') say(`the MCP server is ${mcp.state}: waiting up to ${restartedWithinMs / 1000} s`)
  while (mcp.state !== 'running' && performance.now() < end) {
    await sleep(200)
    mcp = await mcpComponent(dataDir)
  }
  if (mcp.state !== 'running')
    throw new ExitError(
      'dependencyDown',
      `the MCP server is ${mcp.state}; \`trader status\` shows when it is back, \`trader logs mcp\` says why`,
    )
}

async function mcpComponent(dataDir: DataDir): Promise<ComponentStatus> {
  const { components } = stackStatus.parse(await askSupervisor(dataDir, { command: 'status' }))
  const mcp = components.find(({ name }) => name === 'mcp')
  if (mcp === undefined) throw new ExitError('dependencyDown', 'only the database runs: `trader start` starts the rest')
  return mcp
}

export async function withMcpClient<Result>(config: Config, work: (client: Client) => Promise<Result>): Promise<Result> {
  await requireMcp(config)
  const { Client, StreamableHTTPClientTransport } = await import('@modelcontextprotocol/client')
  const url = mcpUrl(config)
  const client = new Client({ name: 'trader-cli', version: '0.1.0' })
  const headers = { authorization: `Bearer ${ownerToken(dataDirPaths(config.DATA_DIR)).reveal()}` }
  try {
    await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }))
  } catch (error) {
    throw new ExitError('dependencyDown', `no MCP server answers at ${url}: \`trader status\` shows what runs (${describeError(error)})`, {
      cause: error,
    })
  }
  try {
    return await work(client)
  } finally {
    await client.close()
  }
}
