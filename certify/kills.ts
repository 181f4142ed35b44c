import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { differences, drawKills, replayUnderFire } from '../test/faults/kills.ts'
import { replayFiles } from '../test/support/replay-run.ts'
import { temporaryDataDir } from '../test/support/stack-process.ts'
import { cleanUp } from '../test/support/when-finished.ts'
import { writeResult } from './support/result.ts'

// Promises P1 and P7 on the whole stack: 200 kills -9 by chance over worker, MCP server, Temporal and Postgres, ten in each replay, and
// each replay's books equal those of the undisturbed one. Arguments: kills, seed. A run that was ended goes on where it stood.

const kills = Number(process.argv[2] ?? 200)
const seed = Number(process.argv[3] ?? 7)
const killsPerRun = 10
const directory = new URL('../.cache/certify/', import.meta.url)
const progressFile = new URL(`kills-${seed}-${kills}.json`, directory)

interface Progress {
  readonly seconds: number
  readonly runs: readonly {
    readonly seed: number
    readonly kills: Readonly<Record<string, number>>
    readonly differing: readonly string[]
  }[]
}

// Our own file, written below.
let progress = existsSync(progressFile) ? (JSON.parse(readFileSync(progressFile, 'utf8')) as Progress) : { seconds: 0, runs: [] }
const before = progress.seconds
const began = performance.now()
try {
  const files = replayFiles(temporaryDataDir())
  const quiet = await replayUnderFire({ files, kills: [] })
  for (let done = progress.runs.length * killsPerRun; done < kills; done += killsPerRun) {
    const runSeed = seed * 1000 + progress.runs.length
    const drawn = drawKills({ seed: runSeed, count: Math.min(killsPerRun, kills - done) })
    const differing = differences(await replayUnderFire({ files, kills: drawn }), quiet)
    const counts = Object.fromEntries([...Map.groupBy(drawn, ({ name }) => name)].map(([name, ofName]) => [name, ofName.length]))
    progress = {
      seconds: Math.round(before + (performance.now() - began) / 1000),
      runs: [...progress.runs, { seed: runSeed, kills: counts, differing }],
    }
    mkdirSync(directory, { recursive: true })
    writeFileSync(progressFile, JSON.stringify(progress))
    process.stderr.write(
      `${done + drawn.length} of ${kills} kills, ${progress.seconds} s, differing: ${differing.join(' ') || 'nothing'}\n`,
    )
  }
  const isWhole = quiet.wrongFills === '' && progress.runs.every(({ differing }) => differing.length === 0)
  writeResult({
    proof: 'kills',
    seed,
    size: { kills, runs: progress.runs.length },
    seconds: progress.seconds,
    verdict: isWhole ? 'passed' : 'failed',
    detail: { quiet: quiet.summary, runs: progress.runs },
  })
  rmSync(progressFile, { force: true })
} finally {
  await cleanUp()
}
