import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { Replayer } from '@trader/server/audit/replay/replayer'
import { ensureWorkflowBundle } from '@trader/server/stack/bundle'
import { decodeHistories, encodeHistories, type RecordedHistory } from '../test/replay/recorded-history.ts'
import { fixture, quietReplay } from '../test/replay/replay-content.ts'
import { type ExecutedSite, drawSites, executedSites, runMutant } from '../test/support/mutations/run-mutants.ts'
import { variedSession } from '../test/support/mutations/varied-session.ts'
import { createDatabase, startPostgres } from '../test/support/postgres.ts'
import { startTemporal } from '../test/support/temporal.ts'
import { equivalents } from './support/equivalent-mutants.ts'
import { openProgress } from './support/progress.ts'
import { writeResult } from './support/result.ts'

// Promise P8: a replay sees changes of the code. Forty changes, drawn by a seed from the lines of workflows, agent and risk rules that
// recorded histories executed (a number doubled, a condition negated, a step left out, two steps swapped): at least 95 of 100 are named.
// Arguments: mutations, seed. A run that was ended goes on where it stood.

const count = Number(process.argv[2] ?? 40)
const seed = Number(process.argv[3] ?? 20180404)
/** Sessions of so many decisions, on a market and a model of all sorts. */
const sessions = 3
const decisions = 120
const enough = 0.95
/** Agents and ledger hand on their state this often, so that it is in their histories. */
const suggestNewRunAfter = 80

const began = performance.now()
const say = (text: string): void => void process.stderr.write(`${text}, ${Math.round((performance.now() - began) / 1000)} s\n`)

interface Outcome {
  readonly kind: string
  readonly line: string
  readonly before: string
  readonly after: string
  readonly outcome: 'caught' | 'equivalent' | 'missed'
  /** Where the replay saw it, or why nothing can see it. */
  readonly where: string | null
}

quietReplay()
const code = readFileSync((await ensureWorkflowBundle(say)).path, 'utf8')
const hash = createHash('sha256').update(code).digest('hex')
const recorded = [...fixtures(), ...(await recordedSessions())]
say(`${recorded.length} histories`)
const sites = await executedSites(code, recorded)
say(`${sites.length} places that they executed`)
const progress = openProgress<Outcome>(`mutations-${seed}-${count}-${hash.slice(0, 16)}`)
const outcomes = [...progress.done]
const replayer = new Replayer()
for (const site of drawSites(sites, { seed, count }).slice(outcomes.length)) {
  outcomes.push(await tried(site))
  progress.keep(outcomes)
  say(`${outcomes.length} of ${count}: ${outcomes.at(-1)?.outcome} ${site.kind} ${site.line}`)
}
replayer.close()

const counted = (outcome: Outcome['outcome']): number => outcomes.filter((one) => one.outcome === outcome).length
const share = counted('caught') / (counted('caught') + counted('missed'))
writeResult({
  proof: 'mutations',
  seed,
  size: { mutations: outcomes.length, histories: recorded.length, places: sites.length },
  seconds: Math.round((performance.now() - began) / 1000),
  verdict: outcomes.length === count && share >= enough ? 'passed' : 'failed',
  detail: { caught: counted('caught'), equivalent: counted('equivalent'), missed: counted('missed'), share_caught: share, outcomes },
})
progress.forget()

function fixtures(): RecordedHistory[] {
  const names = readdirSync(new URL('../test/replay/histories/', import.meta.url))
  return names.flatMap((name) => fixture(name.replace('.gz', '')))
}

/** Recorded once for a version of the code. */
async function recordedSessions(): Promise<RecordedHistory[]> {
  const folder = new URL('../.cache/certify/', import.meta.url)
  const file = new URL(`sessions-${seed}-${hash.slice(0, 16)}.gz`, folder)
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true })
    const histories: RecordedHistory[] = []
    const postgres = await startPostgres()
    try {
      for (let session = 0; session < sessions; session += 1) histories.push(...(await recordSession(postgres.adminUrl, seed + session)))
    } finally {
      await postgres.stop()
    }
    writeFileSync(file, encodeHistories(histories))
  }
  return decodeHistories(readFileSync(file))
}

async function recordSession(adminUrl: string, sessionSeed: number): Promise<RecordedHistory[]> {
  const { pool } = await createDatabase(adminUrl)
  const temporal = await startTemporal({ suggestNewRunAfter })
  try {
    const histories = await variedSession({ temporal, pool, seed: sessionSeed, decisions })
    say(`a session of ${decisions} decisions left ${histories.length} histories`)
    return histories
  } finally {
    await temporal.teardown()
    await pool.end()
  }
}

async function tried(site: ExecutedSite): Promise<Outcome> {
  const { kind, file, line, before, on, text, caught } = await runMutant(code, site, replayer)
  const mutant = { kind, line, before: oneLine(before), after: oneLine(text) }
  if (caught !== null) return { ...mutant, outcome: 'caught', where: `${caught.history}: ${caught.path}` }
  const why = equivalents.find((known) => known.file === file && known.kind === kind && oneLine(on).includes(known.on))?.why
  return { ...mutant, outcome: why === undefined ? 'missed' : 'equivalent', where: why ?? null }
}

/** As a reader of the source knows it: without what the bundler made of names that are imported. */
function oneLine(text: string): string {
  return text
    .replaceAll(/\(0,\s*\w+__WEBPACK_IMPORTED_MODULE_\d+__\.(\w+)\)/g, '$1')
    .replaceAll(/\w+__WEBPACK_IMPORTED_MODULE_\d+__/g, '_')
    .replaceAll(/\s+/g, ' ')
    .slice(0, 160)
}
