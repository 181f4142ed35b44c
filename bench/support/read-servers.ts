import { once } from 'node:events'
import { createServer } from 'node:http'
import { toNodeHandler, type NodeIncomingMessageLike } from '@modelcontextprotocol/node'
import { createMcpHandler, Server, type CallToolResult } from '@modelcontextprotocol/server'
import { Client, Connection } from '@temporalio/client'
import { loadConfig } from '@trader/server/config'
import { createPool } from '@trader/server/database/pool'
import { listFills } from '@trader/server/database/queries/list-fills'
import { serveMcpHttp } from '@trader/server/mcp/http'
import { Secret } from '@trader/server/secret'

// Both servers of mcp-read, in a process beside the client: the SDK's alone, and ours. Arguments: the
// database, fills asked for, three ports. Says over IPC when it listens; then answers 'query' with the ms that the tool's queries took, and any
// message with the CPU time it has used.

const [databaseUrl = '', limit = '20', echoPort = '', mcpPort = '', opsPort = ''] = process.argv.slice(2)
const pool = createPool({ connectionString: databaseUrl })
const config = loadConfig({ env: { MCP_PORT: mcpPort, OPS_PORT: opsPort }, envFile: '' })

/** What get_transaction_history asks the database. */
const rawQuery = (): Promise<unknown> => listFills(pool, { newestOf: 'paper', since: 0, limit: Number(limit) })

const answerOf = (transactions: unknown): CallToolResult => {
  const answer = { transactions, count: Number(limit), since_timestamp: 0, limit: Number(limit) }
  return { structuredContent: answer, content: [{ type: 'text', text: JSON.stringify(answer) }] }
}

/** The SDK's server with two tools: `echo` has our tool's document ready, `echo_query` asks the database for it. */
async function serveEcho(): Promise<void> {
  const ready = await rawQuery()
  const names = ['echo', 'echo_query']
  const handler = createMcpHandler(() => {
    const server = new Server({ name: 'echo', version: '1' }, { capabilities: { tools: {} } })
    server.setRequestHandler('tools/list', () => ({ tools: names.map((name) => ({ name, inputSchema: { type: 'object' as const } })) }))
    server.setRequestHandler('tools/call', async ({ params }) => answerOf(params.name === 'echo' ? ready : await rawQuery()))
    return server
  })
  const answerMcp = toNodeHandler(handler)
  // Node's own types say `undefined` where the SDK's leave the property out.
  const http = createServer((request, response) => void answerMcp(request as NodeIncomingMessageLike, response))
  http.listen(Number(echoPort), '127.0.0.1')
  await once(http, 'listening')
}

await serveEcho()
await serveMcpHttp({
  pool,
  temporal: new Client({ connection: Connection.lazy() }),
  taskQueue: 'none',
  config,
  ownerToken: new Secret('owner'),
  log: (line) => void process.stderr.write(`${JSON.stringify(line)}\n`),
})
/** Ms and CPU ms of one raw query, and the CPU ms that the process has used so far. */
async function answer(message: unknown): Promise<{ ms: number; cpuMs: number }> {
  const began = performance.now()
  if (message === 'query') await rawQuery()
  const { user, system } = process.cpuUsage()
  return { ms: performance.now() - began, cpuMs: (user + system) / 1000 }
}
process.on('message', (message) => {
  answer(message).then(
    (answered) => process.send?.(answered),
    () => process.exit(1),
  )
})
process.on('disconnect', () => process.exit(0))
process.send?.('listening')
