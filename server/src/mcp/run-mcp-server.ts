import { Client } from '@temporalio/client'
import { requireNamesOutside } from '../access/host-names.ts'
import type { Scope } from '../access/scope.ts'
import type { Config } from '../config.ts'
import { createPool } from '../database/pool.ts'
import type { Addresses } from '../stack/addresses.ts'
import { openDataDir } from '../stack/data-dir.ts'
import { reportReady, untilTold } from '../stack/node-child.ts'
import { ownerToken } from '../stack/owner-token.ts'
import { requireFreePorts } from '../stack/ports.ts'
import { connectTemporal } from '../temporal-connection.ts'
import { serveMcpHttp } from './http.ts'
import { serveMcpStdio } from './stdio.ts'
import type { ToolServices } from './tool-context.ts'

/** A caller must hear of a Postgres that hangs, and a halt must find its other way, well before the caller gives up. */
const databaseAnswersWithinMs = 8000

interface McpProcess {
  readonly config: Config
  readonly addresses: Addresses
}

/** `trader mcp`: the tools over HTTP until the process is told to end. */
export async function runMcpServer({ config, addresses }: McpProcess): Promise<void> {
  requireNamesOutside(config)
  await requireFreePorts([{ name: 'the MCP server (MCP_PORT)', host: config.HOST, port: config.MCP_PORT }])
  const told = untilTold()
  await withServices({ config, addresses }, async (services) => {
    const server = await serveMcpHttp({ ...services, ownerToken: ownerToken(openDataDir(config.DATA_DIR)) })
    reportReady({ version: null, detail: `http://${config.HOST}:${config.MCP_PORT}/mcp` })
    await told
    server.close()
    server.closeAllConnections()
  })
}

/** `trader mcp --stdio`: the tools for the program that started us, until it closes our input and has its last answer. */
export async function runMcpStdio({ config, addresses, scope }: McpProcess & { scope: Scope }): Promise<void> {
  await withServices({ config, addresses }, async (services) => {
    const session = serveMcpStdio(services, { scope })
    await Promise.race([session.ended, untilTold()])
    await session.close()
  })
}

async function withServices({ config, addresses }: McpProcess, work: (services: ToolServices) => Promise<void>): Promise<void> {
  const connection = await connectTemporal(addresses.temporal)
  const pool = createPool({ connectionString: addresses.databaseUrl.reveal(), answerWithinMs: databaseAnswersWithinMs })
  const temporal = new Client({ connection, namespace: addresses.temporal.namespace })
  try {
    await work({ pool, temporal, taskQueue: addresses.taskQueue, config, log })
  } finally {
    await Promise.all([pool.end(), connection.close()])
  }
}

function log(line: Readonly<Record<string, unknown>>): void {
  process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), ...line })}\n`)
}
