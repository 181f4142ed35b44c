import { runWithCanaries, type CanaryOptions, type CanaryOutcome } from '../test/faults/canaries.ts'
import { cleanUp } from '../test/support/when-finished.ts'
import { openProgress } from './support/progress.ts'
import { writeResult } from './support/result.ts'

// Promise P16: every secret has a value that can be found again, and after runs with kills it is found nowhere: logs, Temporal's and
// Postgres's files, rows, histories, MCP answers, the commands' output. One run with a Postgres of the user, one with the stack's own.
// Argument: kills per run.

const killsPerRun = Number(process.argv[2] ?? 12)

const kills = (servers: CanaryOptions['kills']): CanaryOptions['kills'] =>
  Array.from({ length: killsPerRun }, (_, index) => servers[index % servers.length] ?? 'worker')
const runs: readonly CanaryOptions[] = [
  { ownPostgres: true, kills: kills(['worker', 'mcp', 'temporal']), rounds: killsPerRun, isThorough: true },
  { ownPostgres: false, kills: kills(['postgres', 'worker', 'temporal', 'mcp']), rounds: killsPerRun, isThorough: true },
]

interface Part extends CanaryOutcome {
  readonly seconds: number
}

const progress = openProgress<Part>(`canaries-${killsPerRun}`)
const parts = progress.done
try {
  for (const options of runs.slice(parts.length)) {
    const began = performance.now()
    const outcome = await runWithCanaries(options)
    parts.push({ ...outcome, seconds: Math.round((performance.now() - began) / 1000) })
    progress.keep(parts)
    process.stderr.write(`${outcome.hits.length} hits in ${JSON.stringify(outcome.searched)}\n`)
  }
} finally {
  await cleanUp()
}
const hits = parts.flatMap((part) => part.hits)
writeResult({
  proof: 'canaries',
  seed: 0, // values are drawn anew, so that no log can know them
  size: { runs: parts.length, kills: parts.length * killsPerRun },
  seconds: parts.reduce((sum, { seconds }) => sum + seconds, 0),
  verdict: hits.length === 0 ? 'passed' : 'failed',
  detail: { hits, runs: parts.map(({ canaries, searched }) => ({ canaries: [...new Set(canaries)], searched })) },
})
progress.forget()
