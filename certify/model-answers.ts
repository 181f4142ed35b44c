import { answerBadly, type AnswersOutcome } from '../test/faults/model-answers.ts'
import { createDatabase, startPostgres } from '../test/support/postgres.ts'
import { startTemporal } from '../test/support/temporal.ts'
import { quietTemporal } from '../test/support/trading.ts'
import { openProgress } from './support/progress.ts'
import { writeResult } from './support/result.ts'

// Promise P18: 1,000 decisions, each with a model that answers badly over HTTP, are 1,000 recorded HOLDs with their reasons, and no
// order; after each hundred a good answer trades. Each hundred is a world of its own; started again, it goes on with the next.
// Arguments: decisions, seed.

const decisions = Number(process.argv[2] ?? 1000)
const seed = Number(process.argv[3] ?? 18)
const perWorld = 100

interface Part extends AnswersOutcome {
  readonly seconds: number
}

const progress = openProgress<Part>(`model-answers-${decisions}-${seed}`)
const parts = progress.done
quietTemporal()
const postgres = await startPostgres()
const temporal = await startTemporal()
try {
  for (let from = parts.length * perWorld; from < decisions; from += perWorld) {
    const { pool } = await createDatabase(postgres.adminUrl)
    const began = performance.now()
    const outcome = await answerBadly({ temporal, pool, seed, from, to: Math.min(decisions, from + perWorld) })
    await pool.end()
    parts.push({ ...outcome, seconds: Math.round((performance.now() - began) / 1000) })
    progress.keep(parts)
    process.stderr.write(`${from + outcome.decisions} decisions, ${outcome.wrong.length} wrong in the last ${outcome.decisions}\n`)
  }
} finally {
  await temporal.teardown()
  await postgres.stop()
}

const wrong = parts.flatMap((part) => part.wrong)
const held: Record<string, Record<string, number>> = {}
for (const { held: some } of parts) {
  for (const [kind, reasons] of Object.entries(some)) {
    for (const [reason, count] of Object.entries(reasons)) held[kind] = { ...held[kind], [reason]: (held[kind]?.[reason] ?? 0) + count }
  }
}
writeResult({
  proof: 'model-answers',
  seed,
  size: { decisions, worlds: parts.length },
  seconds: parts.reduce((sum, { seconds }) => sum + seconds, 0),
  verdict: wrong.length === 0 ? 'passed' : 'failed',
  detail: { wrong, slowest_ms: Math.max(...parts.map(({ slowestMs }) => slowestMs)), held },
})
progress.forget()
