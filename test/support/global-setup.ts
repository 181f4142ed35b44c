import type { TestProject } from 'vitest/node'
import { loadConfig } from '../../server/src/config.ts'
import { ensureWorkflowBundle } from '../../server/src/stack/bundle.ts'
import { ensureTemporalBinary } from '../../server/src/stack/temporal-binary.ts'
import { startPostgres } from './postgres.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The test run's own Postgres; `createDatabase` makes a database in it. */
    postgresUrl: string
  }
}

/**
 * Gets the Temporal server and the workflow bundle before the first test, so that no test waits for a build, and starts the
 * Postgres that all tests of the run share.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const say = (text: string): boolean => process.stderr.write(`${text}\n`)
  await ensureTemporalBinary({ config: loadConfig(), say })
  await ensureWorkflowBundle(say)
  const postgres = await startPostgres()
  project.provide('postgresUrl', postgres.adminUrl)
  return () => postgres.stop()
}
