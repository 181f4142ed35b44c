import { setTimeout as sleep } from 'node:timers/promises'
import { processMemory } from '@trader/server/stack/process-table'
import { TemporaryStack } from '@trader/server/stack/demo/temporary-stack'
import { report, rounded, say } from './support/report.ts'
import { treeMemory } from './support/tree-memory.ts'

// Memory of each component of a stack that trades a simulated market at 60 times real speed, sampled over time:
// `node bench/memory-over-time.ts MINUTES`, 10 where none are given.

const minutes = Number(process.argv[2] ?? 10)
if (!(minutes > 0 && minutes <= 60)) throw new Error(`MINUTES must be above 0 and at most 60, was ${process.argv[2]}`)
const samples = 12
const products = 'BTC-USD,ETH-USD,SOL-USD,ADA-USD'

type Sample = Readonly<Record<string, number>>

/** Megabytes of each component with the processes it started: Postgres is one for each connection. Of the supervisor, itself alone. */
async function sample(stack: TemporaryStack): Promise<Sample> {
  const { components } = await stack.status()
  const supervisor = stack.supervisorPid === undefined ? null : processMemory(stack.supervisorPid)
  const ofComponents = components.map(
    ({ name, pid, memory_bytes: bytes }) => [name, pid === null ? null : (treeMemory(pid) ?? bytes)] as const,
  )
  const all = [...ofComponents, ['supervisor', supervisor] as const]
  return Object.fromEntries(all.flatMap(([name, bytes]) => (bytes === null ? [] : [[name, rounded(bytes / 2 ** 20)]])))
}

const stack = await TemporaryStack.create()
try {
  await stack.start([
    '--market',
    'simulated',
    '--speed',
    '60',
    '--products',
    products,
    '--model',
    'offline',
    '--run-for',
    `${minutes + 5}m`,
  ])
  const seen: Sample[] = []
  for (let index = 0; index <= samples; index += 1) {
    if (index > 0) await sleep((minutes * 60_000) / samples)
    const now = await sample(stack)
    say(JSON.stringify(now))
    seen.push(now)
  }
  const processes = Object.fromEntries(
    Object.keys(seen[0] ?? {}).map((name) => {
      const values = seen.map((each) => each[name] ?? 0)
      return [name, { first_mb: values[0], last_mb: values.at(-1), highest_mb: Math.max(...values), series_mb: values }]
    }),
  )
  const restarts = (await stack.status()).components.reduce((total, component) => total + component.restarts, 0)
  report('memory-over-time', { minutes, processes, restarts })
} finally {
  await stack.stop()
  await stack.leftovers()
  await stack.remove()
}
