import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../config.ts'
import type { Pool } from '../database/pool.ts'
import { describeError, ExitError } from '../exit-code.ts'
import type { Secret } from '../secret.ts'
import { dataDirPaths, type DataDir } from '../stack/data-dir.ts'
import type { StackLock } from '../stack/lock.ts'
import { readStackFile } from '../stack/stack-file.ts'
import { say } from './output.ts'

/** A stack is up or down within this. */
const waitForStackMs = 12_000

/**
 * Runs a command's work on the database: that of DATABASE_URL, that of the running stack, or, where the stack is stopped, the
 * embedded one, started for this command and stopped after it.
 */
export async function withDatabase<Result>(
  config: Config,
  work: (pool: Pool) => Promise<Result>,
  { patienceMs = waitForStackMs }: { patienceMs?: number } = {},
): Promise<Result> {
  if (config.DATABASE_URL !== undefined) {
    const problem = await unreachable(config.DATABASE_URL)
    if (problem !== null) throw new ExitError('dependencyDown', `cannot reach Postgres at DATABASE_URL: ${problem}`)
    return withPool(config.DATABASE_URL, work)
  }
  const dataDir = dataDirPaths(config.DATA_DIR)
  if (!existsSync(dataDir.postgresPassword)) {
    throw new ExitError(
      'dependencyDown',
      `${dataDir.root} has no database: \`trader start\` or \`make db-up\` makes one, --data-dir names another directory`,
    )
  }
  const { embeddedDatabaseUrl } = await import('../stack/postgres.ts')
  const port = readStackFile(dataDir)?.ports['postgres'] ?? config.POSTGRES_PORT
  const url = embeddedDatabaseUrl({ dataDir, port })
  const lock = await lockUnlessReachable({ dataDir, url, patienceMs })
  return lock === null ? withPool(url, work) : withOwnPostgres({ dataDir, lock }, work)
}

/** Null where Postgres answers, else the stopped stack's lock. A stack that is just starting or stopping is waited for. */
async function lockUnlessReachable({
  dataDir,
  url,
  patienceMs,
}: {
  dataDir: DataDir
  url: Secret
  patienceMs: number
}): Promise<StackLock | null> {
  const { lockStack } = await import('../stack/lock.ts')
  const end = performance.now() + patienceMs
  let isTold = patienceMs < waitForStackMs
  for (;;) {
    if ((await unreachable(url)) === null) return null
    try {
      return lockStack(dataDir)
    } catch (error) {
      if (!(error instanceof ExitError))
        throw new ExitError(
          'failed',
          `the stack is stopped, and its database cannot be started in ${dataDir.root}: ${describeError(error)}`,
          {
            cause: error,
          },
        )
      if (performance.now() < end) {
        if (!isTold) say(`the stack runs, but its Postgres does not answer yet: waiting up to ${patienceMs / 1000} s`)
        isTold = true
        await sleep(200)
        continue
      }
      // Who holds the lock is a supervisor that runs, or a command like this one.
      throw new ExitError(
        'dependencyDown',
        `the stack on ${dataDir.root} runs, but its Postgres does not answer; \`trader status\` shows it, \`trader logs postgres\` says why`,
        { cause: error },
      )
    }
  }
}

async function withPool<Result>(url: Secret, work: (pool: Pool) => Promise<Result>): Promise<Result> {
  const { createPool } = await import('../database/pool.ts')
  const pool = createPool({ connectionString: url.reveal(), max: 4 })
  try {
    return await work(pool)
  } finally {
    await pool.end()
  }
}

/** The lock keeps a `trader start` and a second such command away meanwhile. */
async function withOwnPostgres<Result>(
  { dataDir, lock }: { dataDir: DataDir; lock: StackLock },
  work: (pool: Pool) => Promise<Result>,
): Promise<Result> {
  const [{ Component }, { embeddedDatabaseUrl, postgresPlan }, { logPath }] = await Promise.all([
    import('../stack/component.ts'),
    import('../stack/postgres.ts'),
    import('../stack/log-file.ts'),
  ])
  const port = await freePort()
  const hooks = { onChange: () => {}, onNotice: say }
  const postgres = new Component(postgresPlan({ dataDir, port }), { logPath: logPath(dataDir, 'postgres'), hooks })
  // It is in a process group of its own: a Ctrl-C here must not leave it behind.
  const stopAndEnd = (): void => void postgres.stop().finally(() => process.exit(130))
  process.once('SIGINT', stopAndEnd).once('SIGTERM', stopAndEnd)
  try {
    say('the stack is stopped: starting its database for this command')
    await postgres.start()
    return await withPool(embeddedDatabaseUrl({ dataDir, port }), work)
  } finally {
    await postgres.stop()
    process.off('SIGINT', stopAndEnd).off('SIGTERM', stopAndEnd)
    lock.release()
  }
}

/** Why the database does not answer; null where it does. */
async function unreachable(url: Secret): Promise<string | null> {
  const { databaseVersion } = await import('../stack/claim-database.ts')
  try {
    await databaseVersion(url)
    return null
  } catch (error) {
    return describeError(error)
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (address === null || typeof address === 'string') throw new Error('no free port on 127.0.0.1')
  return address.port
}
