import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import type { ReplayReport } from '../../audit/replay/replay-decisions.ts'
import type { Config } from '../../config.ts'
import type { Pool } from '../../database/pool.ts'
import { describeError, exitCodes, ExitError } from '../../exit-code.ts'
import { answersJson, commandConfig, type JsonFlags } from '../command-config.ts'
import { print, printJson, say } from '../output.ts'
import { withDatabase } from '../with-database.ts'
import { withTemporal } from '../with-temporal.ts'

interface Flags extends JsonFlags {
  readonly all?: boolean
  readonly current?: boolean
}

const progressEveryMs = 2000

/** `trader audit replay`: runs the recorded code of decisions again, without network, and compares all it does with what it did. */
export function registerAuditReplay(audit: Command): void {
  const command = audit
    .command('replay [id]')
    .description('run a decision, or all, again on the code it ran on, without network; exit code 1 where anything is not as recorded')
    .option('--all', 'every decision of every run')
    .option('--current', "on today's code instead: what would have been different")
  answersJson(command).action(async (id: string | undefined, flags: Flags) => {
    if ((id === undefined) !== (flags.all === true)) throw new ExitError('usage', 'say which decision, or --all')
    const config = commandConfig(flags)
    const report = await withDatabase(config, async (pool) => {
      await archiveFirst(config, pool)
      if (id !== undefined) await requireDecision(pool, id)
      return replay(pool, { ids: id === undefined ? null : [id], isCurrent: flags.current === true })
    })
    if (flags.json === true) printJson(report)
    else describe(report, flags.current === true).forEach(print)
    if (report.different.length > 0 || (id !== undefined && report.replayed === 0)) process.exitCode = exitCodes.failed
  })
}

/** What closed since the last minute is archived first, where Temporal can be reached. */
async function archiveFirst(config: Config, pool: Pool): Promise<void> {
  const { archiveAll } = await import('../../audit/archive/archive-histories.ts')
  try {
    await withTemporal(config, async (temporal) => {
      if (temporal.client !== null) await archiveAll({ pool, client: temporal.client })
    })
  } catch (error) {
    say(`what closed last may not be archived: ${describeError(error)}`)
  }
}

async function requireDecision(pool: Pool, id: string): Promise<void> {
  const [{ findDecision }, { historiesOf }] = await Promise.all([
    import('../../database/queries/list-decisions.ts'),
    import('../../database/queries/workflow-histories.ts'),
  ])
  if ((await findDecision(pool, id)) !== null || (await historiesOf(pool, id)).length > 0) return
  throw new ExitError('failed', `there is no decision ${id}; \`trader decision list\` shows the ids`)
}

async function replay(pool: Pool, { ids, isCurrent }: { ids: readonly string[] | null; isCurrent: boolean }): Promise<ReplayReport> {
  const [{ Replayer }, { replayDecisions }, { ensureWorkflowBundle }] = await Promise.all([
    import('../../audit/replay/replayer.ts'),
    import('../../audit/replay/replay-decisions.ts'),
    import('../../stack/bundle.ts'),
  ])
  const current = isCurrent ? readFileSync((await ensureWorkflowBundle(say)).path, 'utf8') : null
  const replayer = new Replayer()
  try {
    return await replayDecisions({ pool, replayer, ids, current, onProgress: sayProgress() })
  } finally {
    replayer.close()
  }
}

function sayProgress(): (replayed: number) => void {
  let last = performance.now()
  return (replayed) => {
    if (performance.now() - last < progressEveryMs) return
    last = performance.now()
    say(`${replayed} decisions replayed`)
  }
}

function describe({ replayed, identical, different, workflows, not_archived: waiting }: ReplayReport, isCurrent: boolean): string[] {
  const [was, is] = isCurrent ? ['recorded', "today's code"] : ['recorded', 'replayed']
  return [
    `${replayed} decisions replayed (${workflows} workflows with their orders), ${identical} identical`,
    ...different.flatMap(({ id, path, recorded, replayed: now }) => [
      `  ${id}`,
      `    ${path}`,
      `      ${was}: ${shown(recorded)}`,
      `      ${is}: ${shown(now)}`,
    ]),
    ...waiting.map((id) => `  ${id} is not in the archive: it still runs, or Temporal has lost it`),
  ]
}

/** Long values are cut: the place is what counts, and --json has them whole. */
function shown(value: unknown): string {
  const text = value === null ? 'nothing' : JSON.stringify(value)
  return text.length <= 200 ? text : `${text.slice(0, 200)}...`
}
