import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type CrashRun, crashPoints, CrashWorld, type NamedPoint } from '../test/faults/crash-points.ts'
import { startPostgres } from '../test/support/postgres.ts'
import { writeResult } from './support/result.ts'

// Promise P2: at every named crash point of the paper order and decision path, a worker is killed 20 times, and each story ends as
// the undisturbed one. Arguments: kills per point, seed. A run that was ended goes on at the first point that is not done.

const killsPerPoint = Number(process.argv[2] ?? 20)
const seed = Number(process.argv[3] ?? 2)
/** Kills of one story: each costs the time in which Temporal notices it. */
const killsPerStory = 4
/** Points at once: a story mostly waits. */
const atOnce = 5
const directory = new URL('../.cache/certify/', import.meta.url)
const progressFile = new URL(`crash-points-${seed}-${killsPerPoint}.json`, directory)

interface PointResult extends NamedPoint {
  readonly kills: number
  readonly stories: number
  /** Stories that did not end as the undisturbed one. */
  readonly differing: readonly CrashRun[]
}
interface Progress {
  readonly seconds: number
  readonly points: readonly PointResult[]
}

// Our own file, written below.
const start = existsSync(progressFile) ? (JSON.parse(readFileSync(progressFile, 'utf8')) as Progress) : { seconds: 0, points: [] }
const began = performance.now()
const seconds = (): number => Math.round(start.seconds + (performance.now() - began) / 1000)
const points = [...start.points]
const isDone = ({ story, point }: NamedPoint): boolean => points.some((one) => one.story === story && one.point === point)

const postgres = await startPostgres()
const world = await CrashWorld.start(postgres.adminUrl)
try {
  const waiting = crashPoints.filter((point) => !isDone(point))
  await Promise.all(Array.from({ length: atOnce }, () => work(waiting)))
} finally {
  await world.stop()
  await postgres.stop()
}
const isWhole = points.length === crashPoints.length && points.every(({ kills }) => kills >= killsPerPoint)
writeResult({
  proof: 'crash-points',
  seed,
  size: { points: points.length, kills: points.reduce((sum, { kills }) => sum + kills, 0) },
  seconds: seconds(),
  verdict: isWhole && points.every(({ differing }) => differing.length === 0) ? 'passed' : 'failed',
  detail: points.toSorted((one, other) => (`${one.story} ${one.point}` < `${other.story} ${other.point}` ? -1 : 1)),
})
rmSync(progressFile, { force: true })

async function work(waiting: NamedPoint[]): Promise<void> {
  for (let point = waiting.shift(); point !== undefined; point = waiting.shift()) {
    points.push(await killAt(point))
    mkdirSync(directory, { recursive: true })
    writeFileSync(progressFile, JSON.stringify({ seconds: seconds(), points } satisfies Progress))
    process.stderr.write(`${points.length} of ${crashPoints.length} points, ${seconds()} s\n`)
  }
}

/** Stories at one point until it has its kills; each story draws its passages anew. */
async function killAt(point: NamedPoint): Promise<PointResult> {
  let kills = 0
  let stories = 0
  const differing: CrashRun[] = []
  while (kills < killsPerPoint && stories < 2 * killsPerPoint) {
    const run = await world.crash(point, { seed: seed + stories, mostKills: Math.min(killsPerStory, killsPerPoint - kills) })
    stories += 1
    kills += run.kills
    if (!run.isAsUndisturbed) differing.push(run)
  }
  return { ...point, kills, stories, differing }
}
