import { existsSync } from 'node:fs'
import type { Client } from '@modelcontextprotocol/client'
import { deniedReason } from '@trader/core/risk/denied-reason'
import { z } from 'zod'
import type { Config } from '../config.ts'
import { describeError, exitCodes, ExitError, type ExitCode } from '../exit-code.ts'
import { dataDirPaths } from '../stack/data-dir.ts'
import { ownerToken } from '../stack/owner-token.ts'
import { readStackFile } from '../stack/stack-file.ts'

/** The answer of a tool: its result, or its refusal with the exit code that says the same. */
export type ToolAnswer =
  | { readonly ok: true; readonly result: Readonly<Record<string, unknown>> }
  | {
      readonly ok: false
      readonly refusal: Readonly<Record<string, unknown>> & { code: string; message: string }
      readonly exitCode: ExitCode
    }

const refusal = z.looseObject({ code: z.string(), message: z.string() })
const invalidParams = -32_602

const usageCodes = new Set(['INVALID_ARGUMENTS', 'INVALID_PREFERENCES', 'UNKNOWN_WALLET'])
const dependencyCodes = new Set(['DATABASE_UNAVAILABLE', 'TEMPORAL_UNAVAILABLE', 'WORKFLOW_NOT_RUNNING', 'TIMEOUT'])
/** Refusals of a safety gate that are not reasons against an order. */
const gateCodes = new Set(['SCOPE_REQUIRED', 'OUT_OF_BOUNDS'])

function exitCodeOf(code: string): ExitCode {
  if (usageCodes.has(code)) return exitCodes.usage
  if (dependencyCodes.has(code)) return exitCodes.dependencyDown
  return gateCodes.has(code) || deniedReason.safeParse(code).success ? exitCodes.refused : exitCodes.failed
}

/** Where the MCP server of a data directory's stack listens. */
export function mcpUrl(config: Config): string {
  const port = readStackFile(dataDirPaths(config.DATA_DIR))?.ports['mcp'] ?? config.MCP_PORT
  const host = ['0.0.0.0', '::'].includes(config.HOST) ? '127.0.0.1' : config.HOST
  return `http://${host}:${port}/mcp`
}

/** Calls a tool of the running stack with the owner's token. */
export async function callTool(
  config: Config,
  { name, args }: { name: string; args: Readonly<Record<string, unknown>> },
): Promise<ToolAnswer> {
  return withMcpClient(config, async (client) => {
    const answer = await client.callTool({ name, arguments: args }).catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === invalidParams) throw new ExitError('usage', error.message)
      throw error
    })
    if (answer.isError !== true) return { ok: true, result: z.record(z.string(), z.unknown()).parse(answer.structuredContent) }
    const [first] = answer.content
    const said = refusal.parse(JSON.parse(first?.type === 'text' ? first.text : '{}'))
    return { ok: false, refusal: said, exitCode: exitCodeOf(said.code) }
  })
}

/** Calls a tool, and ends the command with its sentence where it was refused. */
export async function requireTool(
  config: Config,
  call: { name: string; args: Readonly<Record<string, unknown>> },
): Promise<Readonly<Record<string, unknown>>> {
  const answer = await callTool(config, call)
  if (answer.ok) return answer.result
  const { code, message } = answer.refusal
  const kind = { 0: 'failed', 1: 'failed', 2: 'usage', 3: 'refused', 4: 'dependencyDown' } as const
  throw new ExitError(kind[answer.exitCode], `${code}: ${message}`)
}

export async function withMcpClient<Result>(config: Config, work: (client: Client) => Promise<Result>): Promise<Result> {
  const dataDir = dataDirPaths(config.DATA_DIR)
  if (!existsSync(dataDir.ownerTokenFile)) {
    throw new ExitError('dependencyDown', `no stack was ever started on ${dataDir.root}: run \`trader start\`, or name its --data-dir`)
  }
  const { Client, StreamableHTTPClientTransport } = await import('@modelcontextprotocol/client')
  const url = mcpUrl(config)
  const client = new Client({ name: 'trader-cli', version: '0.1.0' })
  const headers = { authorization: `Bearer ${ownerToken(dataDir).reveal()}` }
  try {
    await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }))
  } catch (error) {
    throw new ExitError('dependencyDown', `no MCP server answers at ${url}: \`trader start\` starts one (${describeError(error)})`, {
      cause: error,
    })
  }
  try {
    return await work(client)
  } finally {
    await client.close()
  }
}
