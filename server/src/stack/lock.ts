import { DatabaseSync } from 'node:sqlite'
import { ExitError } from '../exit-code.ts'
import type { DataDir } from './data-dir.ts'
import { readStackFile } from './stack-file.ts'

/** Held by the one supervisor of a data directory. */
export interface StackLock {
  release(): void
}

/**
 * Takes the data directory for this process, or says who has it. SQLite's file lock is used because the system gives it back
 * when its holder dies, however it dies: there is no stale lock to judge.
 */
export function lockStack(dataDir: DataDir): StackLock {
  const database = new DatabaseSync(dataDir.lockFile)
  try {
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    if (!(error instanceof Error && error.message.includes('locked'))) throw error
    const holder = readStackFile(dataDir)?.supervisor_pid
    throw new ExitError(
      'failed',
      `a stack is already running on ${dataDir.root}${holder === undefined ? '' : ` (process ${holder})`}; \`trader status\` shows it, \`trader stop\` ends it, or use another --data-dir`,
    )
  }
  return { release: () => database.close() }
}
