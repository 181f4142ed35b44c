import { join } from 'node:path'
import { runner } from 'node-pg-migrate'
import pg from 'pg'

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }

/** Brings a database to the newest schema: all pending migrations in one transaction, under an advisory lock that a second starter waits for. */
export async function migrate({ connectionString }: { connectionString: string }): Promise<{ applied: string[] }> {
  const client = new pg.Client({ connectionString, application_name: 'trader-migrate' })
  await client.connect()
  try {
    const migrations = await runner({
      dbClient: client,
      dir: join(import.meta.dirname, 'migrations'),
      migrationsTable: 'migration',
      direction: 'up',
      singleTransaction: true,
      advisoryLockMode: 'wait',
      logger: silent,
    })
    return { applied: migrations.map((migration) => migration.name) }
  } catch (error) {
    throw new Error(`migrating the database failed: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  } finally {
    await client.end()
  }
}
