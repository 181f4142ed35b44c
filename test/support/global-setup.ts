import type { TestProject } from 'vitest/node'
import { startPostgres } from './postgres.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The test run's own Postgres; `createDatabase` makes a database in it. */
    postgresUrl: string
  }
}

/** Starts what all `stack` tests share, once per run, and stops it afterwards. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const postgres = await startPostgres()
  project.provide('postgresUrl', postgres.adminUrl)
  return () => postgres.stop()
}
