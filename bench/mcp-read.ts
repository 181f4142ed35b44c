import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Client as McpClient, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import type { Pool } from '@trader/server/database/pool'
import { recordFill } from '@trader/server/database/queries/record-fill'
import { reserveOrders } from '@trader/server/database/queries/reserve-orders'
import { batch, newOrder, newRun, noPosition, posting, sendOrder, toReserve } from '../test/database/book.ts'
import { closedPort } from '../test/support/free-ports.ts'
import { createDatabase, startPostgres } from '../test/support/postgres.ts'
import { latencies, percentile } from './support/percentile.ts'
import { report, rounded, say } from './support/report.ts'

// A reading tool over HTTP against its floor, in two ways: the SDK's server with a tool that has the same document ready, plus the
// tool's query made straight to the database; and the SDK's server with a tool that makes that query and answers the rows, without
// a token, a scope, a schema or a log. One client, one call at a time, in short rounds of each kind in turn, so that a busy machine
// is as unfair to each. `cpu` is what the servers' process used, which a queue for the processor does not touch.

const [warmUpRounds, rounds, callsPerRound, fills] = [10, 50, 20, 20]

const kinds = ['sdk_echo', 'raw_query', 'sdk_echo_query', 'ours'] as const
type Kind = (typeof kinds)[number]

const postgres = await startPostgres()
const { pool, url: databaseUrl } = await createDatabase(postgres.adminUrl)
try {
  await runWithFills(pool)
  const ports = await Promise.all([closedPort(), closedPort(), closedPort()])
  const program = fileURLToPath(new URL('support/read-servers.ts', import.meta.url))
  const servers = fork(program, [databaseUrl, String(fills), ...ports.map(String)], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
  })
  await once(servers, 'message')
  const ask = async (message: 'query' | 'cpu'): Promise<{ ms: number; cpuMs: number }> => {
    servers.send(message)
    const [answer] = (await once(servers, 'message')) as [{ ms: number; cpuMs: number }] // what read-servers sends
    return answer
  }
  const eras: Record<string, unknown> = {}
  for (const era of ['legacy', '2026-07-28'] as const) {
    say(`${rounds * callsPerRound} calls of each in the ${era} protocol`)
    const echo = await connect(ports[0] ?? 0, era)
    const ours = await connect(ports[1] ?? 0, era)
    const given = { limit: fills }
    const calls: Record<Kind, () => Promise<number>> = {
      sdk_echo: () => timed(() => echo.callTool({ name: 'echo', arguments: given })),
      raw_query: async () => (await ask('query')).ms,
      sdk_echo_query: () => timed(() => echo.callTool({ name: 'echo_query', arguments: given })),
      ours: () => timed(() => ours.callTool({ name: 'get_transaction_history', arguments: given })),
    }
    eras[era] = await measured(calls, async () => (await ask('cpu')).cpuMs)
    await Promise.all([echo.close(), ours.close()])
  }
  servers.disconnect()
  report('mcp-read', { tool: 'get_transaction_history', fills, eras })
} finally {
  await pool.end()
  await postgres.stop()
}

async function measured(calls: Record<Kind, () => Promise<number>>, cpuMs: () => Promise<number>): Promise<Record<string, unknown>> {
  const ms: Record<Kind, number[]> = { sdk_echo: [], raw_query: [], sdk_echo_query: [], ours: [] }
  const cpu: Record<Kind, number[]> = { sdk_echo: [], raw_query: [], sdk_echo_query: [], ours: [] }
  for (let round = -warmUpRounds; round < rounds; round += 1) {
    for (const kind of kinds) {
      const before = await cpuMs()
      const taken: number[] = []
      for (let call = 0; call < callsPerRound; call += 1) taken.push(await calls[kind]())
      if (round < 0) continue
      ms[kind].push(...taken)
      cpu[kind].push(((await cpuMs()) - before) / callsPerRound)
    }
  }
  const figures = kinds.map((kind) => [kind, { ...latencies(ms[kind]), cpu_p50_ms: rounded(percentile(cpu[kind], 0.5)) }] as const)
  return { ...Object.fromEntries(figures), p50_to: ratios(ms), cpu_to: ratios(cpu) }
}

/** Our median over that of each floor. Sums are made of neighbours in time: medians of lopsided figures do not add up. */
function ratios(values: Record<Kind, number[]>): { echo_plus_query: number; echo_with_query: number } {
  const sums = values.sdk_echo.map((echo, index) => echo + (values.raw_query[index] ?? 0))
  const ours = percentile(values.ours, 0.5)
  return {
    echo_plus_query: rounded(ours / percentile(sums, 0.5)),
    echo_with_query: rounded(ours / percentile(values.sdk_echo_query, 0.5)),
  }
}

async function timed(call: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await call()
  return performance.now() - began
}

async function connect(port: number, era: 'legacy' | '2026-07-28'): Promise<McpClient> {
  const mode = era === 'legacy' ? ('legacy' as const) : { pin: era }
  const client = new McpClient({ name: 'bench', version: '1' }, { versionNegotiation: { mode } })
  await client.connect(new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${port}/mcp`)))
  return client
}

/** One small purchase after the other. */
async function runWithFills(database: Pool): Promise<void> {
  const runId = await newRun(database)
  let position = noPosition
  for (let index = 0; index < fills; index += 1) {
    const order = newOrder(runId, { origin: `buy-${index}`, quantity: '0.0001' })
    await reserveOrders(database, batch(runId, `buy-${index}`, [toReserve(order, '7')]))
    await sendOrder(database, order)
    const fill = posting({ order, quantity: '0.0001', price: '60000', fee: '0.036' }, position)
    await recordFill(database, fill)
    position = fill.position
  }
}
