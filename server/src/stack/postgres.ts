import { randomBytes } from 'node:crypto'
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Client } from 'pg'
import { describeError, ExitError } from '../exit-code.ts'
import { Secret } from '../secret.ts'
import { childEnvironment } from './child-environment.ts'
import type { ComponentPlan, Readiness } from './component-plan.ts'
import type { DataDir } from './data-dir.ts'
import { isInitialised, postgresPlace, type PostgresPlace } from './postgres-binaries.ts'
import { handOver, makeProductRole, productPassword, productRole } from './postgres-role.ts'
import { readOrCreate } from './private-file.ts'
import { runProgram } from './run-program.ts'
import { pause } from './wait.ts'

const superuser = 'trader'
const databaseName = 'trader'

/** The embedded Postgres: loopback only, a random password, checksums, every commit on disk before it is answered. */
export function postgresPlan(options: { dataDir: DataDir; port: number; findPlace?: typeof postgresPlace }): ComponentPlan {
  const { dataDir, port, findPlace = postgresPlace } = options
  return {
    name: 'postgres',
    title: 'Postgres',
    port,
    readyTimeoutMs: 60_000,
    // After a kill the old server's memory lives on for a moment and the next start is refused. It is tried again;
    // postmaster.pid is never deleted, since it is what stops two servers from sharing one directory.
    firstAttempts: 6,
    longestBackOffMs: 2000,
    // Fast shutdown: sessions are ended, everything is written.
    stopSignal: 'SIGINT',
    stopTimeoutMs: 5000,
    async launch(signal) {
      const place = await findPlace(dataDir)
      await place.prepare()
      await initialise({ place, dataDir, signal })
      return { ...place.wrap('postgres', ['-D', place.data, ...settings(port)]), env: childEnvironment(), hasChannel: false }
    },
    async ready(_child, signal): Promise<Readiness> {
      const version = await connectUntilReady({ dataDir, port, signal })
      const { remark } = await findPlace(dataDir)
      return { version, detail: remark ?? `embedded, port ${port}` }
    },
  }
}

/** The password of the embedded Postgres, drawn once, before its cluster is made. */
export function makePostgresPassword(dataDir: DataDir): string {
  return readOrCreate(dataDir.postgresPassword, () => randomBytes(24).toString('base64url'))
}

/** Address of the embedded Postgres for our processes, password included. Only reads. */
export function embeddedDatabaseUrl({ dataDir, port }: { dataDir: DataDir; port: number }): Secret {
  return new Secret(`postgres://${productRole}:${productPassword(superuserPassword(dataDir))}@127.0.0.1:${port}/${databaseName}`)
}

function superuserPassword(dataDir: DataDir): string {
  if (!existsSync(dataDir.postgresPassword))
    throw new ExitError('dependencyDown', `${dataDir.root} has no database: \`trader start\` makes one, or set DATABASE_URL`)
  return readFileSync(dataDir.postgresPassword, 'utf8').trim()
}

function settings(port: number): string[] {
  const values = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: 200,
    fsync: 'on',
    full_page_writes: 'on',
    synchronous_commit: 'on',
    log_checkpoints: 'off',
    log_timezone: 'UTC',
    timezone: 'UTC',
  }
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}

/** Makes the cluster where there is none. It is made beside its place and moved there, so a start that was killed leaves none behind that is half made. */
async function initialise({ place, dataDir, signal }: { place: PostgresPlace; dataDir: DataDir; signal: AbortSignal }): Promise<void> {
  if (await isInitialised(place.data)) return requireSameMajor(place, signal)
  if (existsSync(place.data)) throw new ExitError('failed', `${place.data} is there but holds no Postgres cluster; move it away`)
  const draft = `${place.data}.new`
  const passwordFile = join(dirname(place.data), 'initdb-password')
  rmSync(draft, { recursive: true, force: true })
  mkdirSync(dirname(draft), { recursive: true })
  writeFileSync(passwordFile, makePostgresPassword(dataDir), { mode: 0o600 })
  const initdb = place.wrap('initdb', [
    `--pgdata=${draft}`,
    `--username=${superuser}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--data-checksums',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
  ])
  try {
    if (initdb.uid !== undefined && initdb.gid !== undefined) chownSync(passwordFile, initdb.uid, initdb.gid)
    await runProgram(initdb, { env: childEnvironment(), signal })
  } catch (error) {
    signal.throwIfAborted()
    throw new ExitError('failed', `could not make the database cluster ${place.data}: ${describeError(error)}`)
  } finally {
    rmSync(passwordFile, { force: true })
  }
  renameSync(draft, place.data)
}

/** A newer Postgres cannot read an older one's files; say so before the server says it less clearly. */
async function requireSameMajor(place: PostgresPlace, signal: AbortSignal): Promise<void> {
  const version = await runProgram(place.wrap('postgres', ['--version']), { env: childEnvironment(), signal })
  const ours = /(\d+)/.exec(version)?.[1]
  const theirs = readFileSync(join(place.data, 'PG_VERSION'), 'utf8').trim()
  if (ours !== theirs) {
    throw new ExitError(
      'failed',
      `${place.data} was written by Postgres ${theirs}, and this version brings Postgres ${ours}: dump it with the old version and load it with this one, or use another --data-dir`,
    )
  }
}

/** Asks until the server takes our password, makes role and database at the first time, and answers the server's version. */
async function connectUntilReady({ dataDir, port, signal }: { dataDir: DataDir; port: number; signal: AbortSignal }): Promise<string> {
  const password = superuserPassword(dataDir)
  const asSuperuser = async <Result>(database: string, work: (client: Client) => Promise<Result>): Promise<Result> => {
    const { default: pg } = await import('pg')
    const connectionString = `postgres://${superuser}:${password}@127.0.0.1:${port}/${database}`
    const client = new pg.Client({ connectionString, connectionTimeoutMillis: 2000 })
    client.on('error', () => {}) // a connection lost here shows in the query that follows
    try {
      await client.connect()
      return await work(client)
    } finally {
      await client.end().catch(() => {}) // never connected, or closed by the server
    }
  }
  for (;;) {
    signal.throwIfAborted()
    try {
      const { version, owner } = await asSuperuser('postgres', (client) => prepareServer(client, productPassword(password)))
      if (owner !== productRole) await asSuperuser(databaseName, (client) => handOver(client, databaseName))
      return version
    } catch (error) {
      if (!isStartingUp(error)) throw error
    }
    await pause(50, signal)
  }
}

async function prepareServer(client: Client, password: string): Promise<{ version: string; owner: string }> {
  await makeProductRole(client, password)
  const { rows } = await client.query<{ version: string; owner: string | null }>(
    `SELECT split_part(current_setting('server_version'), ' ', 1) AS version,
            (SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = $1) AS owner`,
    [databaseName],
  )
  const { version, owner } = rows[0] ?? { version: 'unknown', owner: null }
  if (owner === null) await client.query(`CREATE DATABASE ${databaseName} OWNER ${productRole}`)
  return { version, owner: owner ?? productRole }
}

/** Not listening yet, or listening and still recovering. */
function isStartingUp(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = 'code' in error ? error.code : undefined
  return (
    code === 'ECONNREFUSED' ||
    code === 'ECONNRESET' ||
    code === '57P03' ||
    error.message.includes('timeout') ||
    error.message.includes('terminated')
  )
}
