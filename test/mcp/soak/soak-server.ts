import { Client, Connection } from '@temporalio/client'
import { loadConfig } from '@trader/server/config'
import { createPool } from '@trader/server/database/pool'
import { serveMcpHttp } from '@trader/server/mcp/http'
import { Secret } from '@trader/server/secret'
import type { Measure } from './soak.ts'

// The MCP server in a process of its own, so that its memory is its alone. `node --expose-gc soak-server.ts <database> <token>`,
// started with an IPC channel: it says when it listens, and answers 'measure' with what it holds.

const [databaseUrl = '', ownerToken = ''] = process.argv.slice(2)
const pool = createPool({ connectionString: databaseUrl })
const temporal = new Client({ connection: Connection.lazy() })
const config = loadConfig({ env: process.env, envFile: '' })

let warnings = 0
let unhandled = 0
let errors = 0
process.on('warning', () => (warnings += 1))
process.on('unhandledRejection', () => (unhandled += 1))

const server = await serveMcpHttp({
  pool,
  temporal,
  taskQueue: 'none',
  config,
  ownerToken: new Secret(ownerToken),
  log: ({ level }) => (errors += level === 'error' ? 1 : 0),
})

const listenersOf = (emitter: NodeJS.EventEmitter): number =>
  emitter.eventNames().reduce((sum, name) => sum + emitter.listenerCount(name), 0)

async function measure(): Promise<Measure> {
  for (let round = 0; round < 3; round += 1) {
    globalThis.gc?.()
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const { heapUsed, external, rss } = process.memoryUsage()
  const { length: timers } = process.getActiveResourcesInfo().filter((name) => name === 'Timeout')
  return {
    heapBytes: heapUsed + external,
    rssBytes: rss,
    listeners: listenersOf(process) + listenersOf(pool) + listenersOf(server),
    timers,
    busyDatabaseClients: pool.totalCount - pool.idleCount,
    warnings,
    unhandled,
    errors,
  }
}

process.on('message', () => {
  measure().then(
    (measured) => process.send?.(measured),
    () => process.exit(1),
  )
})
process.on('disconnect', () => process.exit(0))
process.send?.('listening')
