import { growth } from '../test/mcp/soak/flatness.ts'
import { soak, type Checkpoint } from '../test/mcp/soak/soak.ts'
import { createDatabase, startPostgres } from '../test/support/postgres.ts'
import { openProgress } from './support/progress.ts'
import { writeResult } from './support/result.ts'

// 100,000 calls through every door of the MCP server: each answered right, memory and listeners flat. What is done is kept after
// each checkpoint; started again, it goes on from there with a new server ("a life"). Arguments: calls, seed.

const calls = Number(process.argv[2] ?? 100_000)
const seed = Number(process.argv[3] ?? 6)
const every = 2500
/** The code of a server is compiled and its caches are filled within this many checkpoints. */
const bounds = { warmUp: 2, heapMegabytes: 6 }

/** One server process: the calls it answered, from a number on. */
interface Life {
  readonly from: number
  checkpoints: Checkpoint[]
  wrong: string[]
  seconds: number
}

const progress = openProgress<Life>(`mcp-soak-${calls}-${seed}`)
const lives = progress.done
const from = lives.reduce((sum, { checkpoints }) => sum + (checkpoints.at(-1)?.calls ?? 0), 0)

const postgres = await startPostgres()
const { pool, url: databaseUrl } = await createDatabase(postgres.adminUrl)
try {
  const life: Life = { from, checkpoints: [], wrong: [], seconds: 0 }
  lives.push(life)
  const began = performance.now()
  const outcome = await soak({
    pool,
    databaseUrl,
    seed,
    from,
    to: calls,
    every,
    onCheckpoint: (checkpoint) => {
      life.checkpoints.push(checkpoint)
      life.seconds = Math.round((performance.now() - began) / 1000)
      progress.keep(lives)
      process.stderr.write(
        `${from + checkpoint.calls} calls, heap ${(checkpoint.heapBytes / 2 ** 20).toFixed(1)} MB, ${checkpoint.listeners} listeners\n`,
      )
    },
  })
  life.wrong = [...outcome.wrong]
  progress.keep(lives)
} finally {
  await pool.end()
  await postgres.stop()
}

const problems = lives.flatMap(({ checkpoints, wrong }) => [...wrong, ...(checkpoints.length > 2 ? growth(checkpoints, bounds) : [])])
writeResult({
  proof: 'mcp-soak',
  seed,
  size: { calls, lives: lives.length },
  seconds: lives.reduce((sum, { seconds }) => sum + seconds, 0),
  verdict: problems.length === 0 ? 'passed' : 'failed',
  detail: { bounds, problems, lives: lives.map(({ from: start, checkpoints }) => ({ from: start, checkpoints: sample(checkpoints) })) },
})
progress.forget()

/** The first, the last and every fourth: enough to see a slope. */
function sample(checkpoints: readonly Checkpoint[]): Checkpoint[] {
  return checkpoints.filter((_, index) => index % 4 === 0 || index === checkpoints.length - 1)
}
