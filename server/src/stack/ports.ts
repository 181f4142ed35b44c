import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import type { Config } from '../config.ts'
import { ExitError } from '../exit-code.ts'
import { processCommand } from './process-table.ts'

/** Where each server of a stack listens. */
export interface StackPorts {
  readonly temporal: number
  readonly temporalUi: number
  readonly postgres: number
  readonly mcp: number
  readonly ops: number
}

/** The ports of the environment, or `portBase` and the ones after it in the order of `StackPorts`. */
export function stackPorts(config: Config, portBase?: number): StackPorts {
  if (portBase === undefined) {
    return {
      temporal: config.TEMPORAL_PORT,
      temporalUi: config.TEMPORAL_UI_PORT,
      postgres: config.POSTGRES_PORT,
      mcp: config.MCP_PORT,
      ops: config.OPS_PORT,
    }
  }
  return { temporal: portBase, temporalUi: portBase + 1, postgres: portBase + 2, mcp: portBase + 3, ops: portBase + 4 }
}

/** One port that is about to be used. */
export interface WantedPort {
  readonly name: string
  readonly host: string
  readonly port: number
}

/** Ends the command when a wanted port is taken, naming who has it and the way out. */
export async function requireFreePorts(wanted: readonly WantedPort[]): Promise<void> {
  const taken = await takenPorts(wanted)
  if (taken.length === 0) return
  const lines = taken.map(
    ({ name, port }) => `port ${port} for ${name} is taken by ${portOwner(port) ?? 'a process that this user may not see'}`,
  )
  throw new ExitError('dependencyDown', `${lines.join('\n')}\nStop it, or start on other ports: --port-base 17000`)
}

/** Those of the wanted ports on which nothing can listen now. */
export async function takenPorts(wanted: readonly WantedPort[]): Promise<WantedPort[]> {
  const free = await Promise.all(wanted.map((one) => isFree(one)))
  return wanted.filter((_, index) => free[index] === false)
}

function isFree({ host, port }: WantedPort): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false)
      else
        reject(
          new ExitError('usage', `cannot listen on ${host}:${port}: ${error.message}; HOST must be an address of this machine`, {
            cause: error,
          }),
        )
    })
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve(true)))
  })
}

/** `process 123 (command line)` of the listener on a port, from /proc; undefined where it cannot be seen. */
export function portOwner(port: number): string | undefined {
  const inodes = listeningInodes(port)
  if (inodes.size === 0) return undefined
  for (const pid of listDirectory('/proc').filter((name) => /^\d+$/.test(name))) {
    const holds = listDirectory(`/proc/${pid}/fd`).some((fd) => inodes.has(linkTarget(`/proc/${pid}/fd/${fd}`)))
    if (holds) return `process ${pid} (${processCommand(Number(pid)) ?? 'unknown command'})`
  }
  return undefined
}

/** Names of the sockets that listen on a port, as the links under /proc/PID/fd show them. */
function listeningInodes(port: number): Set<string> {
  const listening = '0A'
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0')
  const rows = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((path) => readLines(path).map((line) => line.trim().split(/\s+/)))
  return new Set(rows.filter((row) => row[1]?.endsWith(`:${hexPort}`) && row[3] === listening).map((row) => `socket:[${row[9]}]`))
}

// What another user owns, or what ended a moment ago, cannot be read; for a search for an owner that means "not this one".
function listDirectory(path: string): string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}

function linkTarget(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

function readLines(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n')
  } catch {
    return []
  }
}
