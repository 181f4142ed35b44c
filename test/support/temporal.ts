import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { TestWorkflowEnvironment } from '@temporalio/testing'

const cached = join(homedir(), '.cache/durable-crypto-agents/temporal-1.5.1/temporal')

/** A Temporal dev server in memory for one test file. `suggestNewRunAfter` events it suggests continue-as-new (4,096 by itself). */
export function startTemporal({ suggestNewRunAfter = 4096 }: { suggestNewRunAfter?: number } = {}): Promise<TestWorkflowEnvironment> {
  const path = process.env['TEMPORAL_CLI_PATH'] ?? cached
  if (!existsSync(path)) throw new Error(`no Temporal server at ${path}; \`make doctor\` gets one`)
  return TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'existing-path', path },
      // Without its greeting: it would go to the stdout of a benchmark.
      extraArgs: ['--output', 'none', '--dynamic-config-value', `limit.historyCount.suggestContinueAsNew=${suggestNewRunAfter}`],
    },
  })
}
