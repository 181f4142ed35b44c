import { accessSync, chmodSync, constants, existsSync, mkdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { describeError, ExitError } from '../exit-code.ts'

/** Where a stack keeps what it keeps. Absolute paths. */
export interface DataDir {
  readonly root: string
  readonly postgres: string
  readonly postgresPassword: string
  readonly temporalDatabase: string
  readonly logs: string
  readonly stackFile: string
  readonly lockFile: string
  readonly stackIdFile: string
  readonly ownerTokenFile: string
  /** The sealer's private key: read by its process alone. */
  readonly sealKey: string
  readonly sealPublicKey: string
  /** The seals' copy outside Postgres. */
  readonly sealLog: string
  readonly restoreNote: string
}

/** The paths inside `path`. Touches nothing. */
export function dataDirPaths(path: string): DataDir {
  const root = resolve(path)
  return {
    root,
    postgres: join(root, 'postgres'),
    postgresPassword: join(root, 'postgres-password'),
    temporalDatabase: join(root, 'temporal.db'),
    logs: join(root, 'logs'),
    stackFile: join(root, 'stack.json'),
    lockFile: join(root, 'stack.lock'),
    stackIdFile: join(root, 'stack-id'),
    ownerTokenFile: join(root, 'owner-token'),
    sealKey: join(root, 'seal-key'),
    sealPublicKey: join(root, 'seal-key.pub'),
    sealLog: join(root, 'seals.log'),
    restoreNote: join(root, 'restore-accepted'),
  }
}

/** Makes the directory, for its owner alone, or says why that cannot be. */
export function openDataDir(path: string): DataDir {
  const paths = dataDirPaths(path)
  try {
    const isNew = !existsSync(paths.root)
    makeDirectories(paths.logs)
    if (isNew) chmodSync(paths.root, 0o700)
    accessSync(paths.root, constants.W_OK)
  } catch (error) {
    throw new ExitError(
      'usage',
      `cannot write to the data directory ${paths.root}: ${describeError(error)}; choose another with --data-dir or DATA_DIR`,
    )
  }
  return paths
}

/** Level by level: Node's own recursive way goes round for ever where a file system, such as /proc, refuses new names as absent. */
function makeDirectories(path: string): void {
  if (existsSync(path)) return
  makeDirectories(dirname(path))
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    // Somebody else was faster.
    if (!existsSync(path)) throw error
  }
}
