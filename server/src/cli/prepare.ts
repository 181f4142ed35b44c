import type { Command } from 'commander'
import { loadConfig } from '../config.ts'
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
    await timedStep(progress, 'Temporal server', async () => (await ensureTemporalBinary(config, progress.note)).path)
  }
  await timedStep(progress, 'workflow bundle', async () => (await ensureWorkflowBundle(progress.note)).hash.slice(0, 8))
}
