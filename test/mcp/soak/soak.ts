import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { fileURLToPath } from 'node:url'
import { createToken } from '@trader/server/access/create-token'
import type { Pool } from '@trader/server/database/pool'
import { finishRun } from '@trader/server/database/queries/finish-run'
import { marketTime } from '../../database/book.ts'
import { closedPort } from '../../support/free-ports.ts'
import { tellStory } from '../told-story.ts'
import { soakCall, type SoakCall, type SoakWorld } from './soak-calls.ts'

/** What the server's process holds after a garbage collection, and what went wrong in it so far. */
export interface Measure {
  readonly heapBytes: number
  readonly rssBytes: number
  readonly listeners: number
  readonly timers: number
  readonly busyDatabaseClients: number
  readonly warnings: number
  readonly unhandled: number
  readonly errors: number
}

export interface Checkpoint extends Measure {
  /** Calls answered by this process when it was measured. */
  readonly calls: number
}

export interface SoakOutcome {
  readonly checkpoints: readonly Checkpoint[]
  /** The first calls that were answered otherwise than they must be. */
  readonly wrong: readonly string[]
  readonly seconds: number
}

const atOnce = 8
const mostWrong = 20

/** Calls `from` to `to` (exclusive) of a seed against a server in a process of its own, measured every `every` calls. */
export async function soak(options: {
  readonly pool: Pool
  readonly databaseUrl: string
  readonly seed: number
  readonly from: number
  readonly to: number
  readonly every: number
  readonly onCheckpoint?: (checkpoint: Checkpoint) => void
}): Promise<SoakOutcome> {
  const { pool, databaseUrl, seed, from, to, every, onCheckpoint } = options
  const began = performance.now()
  const world = await prepare(pool)
  const server = await startServer(databaseUrl)
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce })
  const checkpoints: Checkpoint[] = []
  const wrong: string[] = []

  const one = async (index: number): Promise<void> => {
    const call = soakCall(world, { seed, index })
    const problem = await problemOf(call, { agent, port: server.port })
    if (problem !== null && wrong.length < mostWrong) wrong.push(`call ${index}: ${problem}`)
  }
  try {
    for (let done = from; done < to; done += every) {
      await inOrder(done, Math.min(to, done + every), one)
      const checkpoint = { calls: Math.min(to, done + every) - from, ...(await server.measure()) }
      checkpoints.push(checkpoint)
      onCheckpoint?.(checkpoint)
    }
  } finally {
    agent.destroy()
    await server.stop()
  }
  return { checkpoints, wrong, seconds: Math.round((performance.now() - began) / 100) / 10 }
}

/** A closed run, so that no tool waits for a workflow that nobody runs, and a token. */
async function prepare(pool: Pool): Promise<SoakWorld> {
  const { runId, decisionId } = await tellStory(pool)
  await finishRun(pool, { run_id: runId, market_time: marketTime + 60_000 })
  const { token } = await createToken(pool, { name: 'soak', scope: 'read', expiresAt: null })
  return { runId, decisionId, readToken: token.reveal() }
}

async function inOrder(from: number, to: number, call: (index: number) => Promise<void>): Promise<void> {
  let next = from
  const worker = async (): Promise<void> => {
    while (next < to) {
      const index = next
      next += 1
      await call(index)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}

/** Null where the call was answered as it must be. */
function problemOf(call: SoakCall, { agent, port }: { agent: Agent; port: number }): Promise<string | null> {
  return new Promise((resolve) => {
    const sent = request({
      agent,
      host: '127.0.0.1',
      port,
      path: '/mcp',
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'content-length': Buffer.byteLength(call.body),
        ...call.headers,
      },
    })
    sent.on('error', (error) => resolve(error.message))
    sent.on('response', (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      response.on('end', () => {
        const isRight = response.statusCode === call.status && call.answer.test(text)
        resolve(isRight ? null : `${response.statusCode} ${text.slice(0, 200)} for ${call.body.slice(0, 200)}`)
      })
    })
    sent.end(call.body)
  })
}

interface SoakServer {
  readonly port: number
  measure(): Promise<Measure>
  stop(): Promise<void>
}

async function startServer(databaseUrl: string): Promise<SoakServer> {
  const [port, opsPort] = await Promise.all([closedPort(), closedPort()])
  const child: ChildProcess = fork(fileURLToPath(new URL('soak-server.ts', import.meta.url)), [databaseUrl, 'owner'], {
    execArgv: ['--expose-gc', '--disable-warning=ExperimentalWarning'],
    env: { PATH: process.env['PATH'] ?? '', MCP_PORT: String(port), OPS_PORT: String(opsPort) },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const answer = async (): Promise<unknown> => {
    const ended = once(child, 'exit').then(([code]) => Promise.reject(new Error(`the server ended with ${String(code)}`)))
    const [said] = (await Promise.race([once(child, 'message'), ended])) as unknown[]
    return said
  }
  await answer()
  return {
    port,
    async measure() {
      child.send('measure')
      return (await answer()) as Measure // what soak-server sends
    },
    async stop() {
      const exited = once(child, 'exit')
      child.disconnect()
      await exited
    },
  }
}
