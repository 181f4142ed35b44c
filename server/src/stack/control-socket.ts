import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, rmSync } from 'node:fs'
import { createConnection, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { describeError, ExitError } from '../exit-code.ts'
import type { DataDir } from './data-dir.ts'

/** What may be asked of a supervisor. One JSON object on a line; the answer is one too. */
export const controlRequest = z.discriminatedUnion('command', [
  z.strictObject({ command: z.literal('status') }),
  z.strictObject({ command: z.literal('logs'), component: z.string(), lines: z.int().min(1).max(10_000) }),
  z.strictObject({ command: z.literal('stop') }),
  z.strictObject({ command: z.literal('component'), name: z.string(), action: z.enum(['start', 'stop', 'restart']) }),
])
export type ControlRequest = z.infer<typeof controlRequest>

const controlReply = z.discriminatedUnion('ok', [
  z.strictObject({ ok: z.literal(true), result: z.json() }),
  z.strictObject({ ok: z.literal(false), error: z.string() }),
])

const longestPath = 100

/** The socket's path. A system takes about 100 characters; a deeper data directory gets a name of its own in the temporary directory. */
export function controlSocketPath(dataDir: DataDir): string {
  const path = join(dataDir.root, 'control.sock')
  if (path.length <= longestPath) return path
  const name = createHash('sha256').update(dataDir.root).digest('hex').slice(0, 16)
  return join(tmpdir(), `trader-${process.getuid?.() ?? 0}-${name}.sock`)
}

/** Listens for requests, for this user alone. Only the holder of the stack's lock may call this: it removes an old socket. */
export async function serveControl(dataDir: DataDir, answer: (request: ControlRequest) => Promise<unknown>): Promise<Server> {
  const path = controlSocketPath(dataDir)
  rmSync(path, { force: true })
  const server = createServer((socket) => serveClient(socket, answer))
  // The mask makes the socket private from its first moment, not only after the chmod.
  const mask = process.umask(0o177)
  try {
    server.listen(path)
  } finally {
    process.umask(mask)
  }
  await once(server, 'listening')
  chmodSync(path, 0o600)
  return server
}

function serveClient(socket: Socket, answer: (request: ControlRequest) => Promise<unknown>): void {
  socket.on('error', () => socket.destroy()) // the asker went away; nobody is left to tell
  createInterface({ input: socket }).on('line', async (line) => {
    const reply = await replyTo(line, answer)
    if (!socket.destroyed) socket.write(`${JSON.stringify(reply)}\n`)
  })
}

async function replyTo(line: string, answer: (request: ControlRequest) => Promise<unknown>): Promise<z.input<typeof controlReply>> {
  try {
    const result = await answer(controlRequest.parse(JSON.parse(line)))
    return { ok: true, result: z.json().parse(result) }
  } catch (error) {
    return { ok: false, error: describeError(error) }
  }
}

/** Asks the supervisor of a data directory, or ends the command when there is none. */
export async function askSupervisor(dataDir: DataDir, request: ControlRequest): Promise<unknown> {
  const socket = createConnection(controlSocketPath(dataDir))
  try {
    await once(socket, 'connect')
  } catch (error) {
    throw new ExitError('dependencyDown', `no stack is running on ${dataDir.root}: start one with \`trader start\``, { cause: error })
  }
  try {
    socket.write(`${JSON.stringify(request)}\n`)
    for await (const line of createInterface({ input: socket })) {
      const reply = controlReply.parse(JSON.parse(line))
      if (!reply.ok) throw new ExitError('failed', reply.error)
      return reply.result
    }
    throw new ExitError('failed', 'the supervisor ended before it answered')
  } finally {
    socket.destroy()
  }
}
