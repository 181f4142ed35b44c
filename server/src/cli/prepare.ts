import type { Command } from 'commander'
import { loadConfig } from '../config.ts'
import { ExitError } from '../exit-code.ts'
import { timedStep } from '../stack/progress.ts'
import { terminalProgress } from './terminal-progress.ts'

/** `trader prepare`: gets what a start needs (the Temporal server, the workflow bundle) without starting anything. */
export function registerPrepare(program: Command): void {
  program
    .command('prepare')
    .description('get what a start needs, the Temporal server and the workflow bundle, without starting anything')
    .action(prepare)
}

export async function prepare(): Promise<void> {
  const progress = terminalProgress()
  const config = loadConfig()
  const { ensureTemporalBinary } = await import('../stack/temporal-binary.ts')
  const { ensureWorkflowBundle } = await import('../stack/bundle.ts')
  if (config.TEMPORAL_ADDRESS === undefined) {
    await timedStep(
      progress,
      'Temporal server',
      async () => (await ensureTemporalBinary({ config, say: progress.note, signal: interruption() })).path,
    )
  }
  await timedStep(progress, 'workflow bundle', async () => (await ensureWorkflowBundle(progress.note)).hash.slice(0, 8))
}

/** Raised by Ctrl-C, so that a build that is under way is ended with us. */
function interruption(): AbortSignal {
  const controller = new AbortController()
  const interrupt = (): void => controller.abort(new ExitError('failed', 'interrupted'))
  process.once('SIGINT', interrupt)
  process.once('SIGTERM', interrupt)
  return controller.signal
}
