import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { noTampers, runTampers, type Tampering } from '../test/audit/tamper/run-tampers.ts'
import { openTamperWorld } from '../test/audit/tamper/world.ts'
import { createDatabase, startPostgres } from '../test/support/postgres.ts'
import { writeResult } from './support/result.ts'

// Promise P21: whatever a superuser with the triggers off alters, removes, adds, swaps or cuts off, in the journal, the leaves, the seals
// or the seal log, `audit verify` finds it and says where. Arguments: tampers, seed. A run that was ended goes on where it stood.

const tampers = Number(process.argv[2] ?? 10_000)
const seed = Number(process.argv[3] ?? 20180404)
const everyTampers = 200
const directory = new URL('../.cache/certify/', import.meta.url)
const progressFile = new URL(`tamper-${seed}-${tampers}.json`, directory)

interface Progress {
  readonly next: number
  readonly seconds: number
  readonly so_far: Tampering
}

const nothing: Progress = { next: 0, seconds: 0, so_far: noTampers }
// Our own file, written below.
const start = existsSync(progressFile) ? (JSON.parse(readFileSync(progressFile, 'utf8')) as Progress) : nothing
const began = performance.now()
const seconds = (): number => Math.round(start.seconds + (performance.now() - began) / 1000)

function keep(so_far: Tampering, next: number): void {
  if (next % everyTampers !== 0) return
  mkdirSync(directory, { recursive: true })
  writeFileSync(progressFile, JSON.stringify({ next, seconds: seconds(), so_far } satisfies Progress))
  process.stderr.write(`${next} of ${tampers} tampers, ${so_far.found} found, ${so_far.located} located, ${seconds()} s\n`)
}

const postgres = await startPostgres()
try {
  const world = await openTamperWorld((await createDatabase(postgres.adminUrl)).pool)
  const options = { seed, from: start.next, count: tampers - start.next, before: start.so_far, onEach: keep }
  const { done, ...outcome } = await runTampers(world, options)
  await world.pool.end()
  world.remove()
  const isWhole = [outcome.tampers, outcome.found, outcome.located].every((count) => count === tampers) && outcome.slandered === 0
  writeResult({
    proof: 'tamper',
    seed,
    size: { tampers },
    seconds: seconds(),
    verdict: isWhole ? 'passed' : 'failed',
    detail: { ...outcome, done: Object.fromEntries(Object.entries(done).sort(([one], [other]) => (one < other ? -1 : 1))) },
  })
  rmSync(progressFile, { force: true })
} finally {
  await postgres.stop()
}
