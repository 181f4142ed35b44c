import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { seededRandom } from '@trader/core/market/seeded-random'
import { waitUntil } from '../../server/src/stack/wait.ts'
import { checkFills, comparable, cursorOf, readBooks, type ReplayFiles, startReplay, summaryOf } from '../support/replay-run.ts'
import { componentOf, processesOf, temporaryDataDir } from '../support/stack-process.ts'

const servers = { worker: 'worker', mcp: 'MCP server', temporal: 'Temporal', postgres: 'Postgres' } as const
export type Server = keyof typeof servers

/** A kill -9 of a server at a market time (ms), or as soon afterwards as it runs. */
export interface Kill {
  readonly name: Server
  readonly at: number
}

/** What a finished replay left, without what no two runs have in common. */
export interface ReplayEnd {
  readonly summary: Readonly<Record<string, unknown>>
  readonly books: ReturnType<typeof comparable>
  readonly entries: number
  /** What the independent check of the fills found; empty where it was content. */
  readonly wrongFills: string
  /** Processes that outlived their stack. */
  readonly leftOver: readonly string[]
}

const until = '2018-04-04T09:45:00Z'
/** Soon after its first tick and some time before its end. */
const span = { from: Date.parse('2018-04-04T05:05:00Z'), to: Date.parse('2018-04-04T09:15:00Z') }
/** One decision a second: slow enough to be hit in the middle of its trades. */
const killedSpeed = 300
const backWithinMs = 60_000

/** `count` kills of servers by chance, in the order of their times. */
export function drawKills({ seed, count }: { seed: number; count: number }): Kill[] {
  const random = seededRandom(seed, 'kills')
  const names = Object.keys(servers) as Server[] // the keys of a constant of ours
  return Array.from({ length: count }, (_, index) => ({
    name: names[Math.floor(random.uniform(0, index) * names.length)] ?? 'worker',
    at: Math.floor(span.from + random.uniform(1, index) * (span.to - span.from)),
  })).toSorted((one, other) => one.at - other.at)
}

/** Replays the files to their end in a stack whose servers are killed; each must be back before the next kill. */
export async function replayUnderFire({ files, kills }: { files: ReplayFiles; kills: readonly Kill[] }): Promise<ReplayEnd> {
  const dataDir = temporaryDataDir()
  const stack = await startReplay({ dataDir, files, until, speed: kills.length === 0 ? 'max' : killedSpeed })
  if (kills.length > 0) await stack.until('Ready in')
  const killed = new Map<Server, number>()
  for (const { name, at } of kills) {
    while ((await cursorOf(dataDir)) < at) {
      if (stack.child.exitCode !== null) throw new Error(`the stack ended before the kill of ${name}; it said:\n${stack.said()}`)
      await sleep(50)
    }
    const { pid } = await componentOf(dataDir, name)
    if (pid === null) throw new Error(`${name} has no process`)
    process.kill(pid, 'SIGKILL')
    const times = (killed.get(name) ?? 0) + 1
    killed.set(name, times)
    const back = (): boolean => stack.said().split(`${servers[name]} is back`).length > times
    if (!(await waitUntil(back, { timeoutMs: backWithinMs })))
      throw new Error(`${name} did not come back from kill ${times}; the stack said:\n${stack.said()}`)
  }
  const summary = summaryOf(await stack.outcome)
  const leftOver = processesOf(dataDir)
  const exportFile = join(dataDir, 'export.json')
  const books = await readBooks(dataDir, exportFile)
  const { exitCode, stdout } = checkFills({ exportFile, files, summary })
  return {
    summary: { ...summary, run_id: '' },
    books: comparable(books),
    entries: books.entries.length,
    wrongFills: exitCode === 0 ? '' : stdout,
    leftOver,
  }
}

/** Parts in which two ends differ. */
export function differences(one: ReplayEnd, other: ReplayEnd): string[] {
  const parts = (end: ReplayEnd): Readonly<Record<string, unknown>> => ({ ...end, ...end.books, books: null })
  const others = parts(other)
  return Object.entries(parts(one)).flatMap(([name, value]) => (isDeepStrictEqual(value, others[name]) ? [] : [name]))
}
