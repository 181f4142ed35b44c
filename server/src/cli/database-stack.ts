import { spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, statSync } from 'node:fs'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { stackStatus, type StackStatus } from '@trader/core/contract/component-status'
import { ExitError } from '../exit-code.ts'
import { askSupervisor, controlSocketPath } from '../stack/control-socket.ts'
import { dataDirPaths, openDataDir } from '../stack/data-dir.ts'
import { logPath, readLogTail } from '../stack/log-file.ts'
import { processBirth } from '../stack/process-table.ts'
import { readStackFile } from '../stack/stack-file.ts'
import { waitUntil } from '../stack/wait.ts'
import { aboutAStack, commandConfig } from './command-config.ts'
import { portBase } from './option-values.ts'
import { hint, print, say } from './output.ts'
import { terminalProgress } from './terminal-progress.ts'

const readyWithinMs = 120_000
const stoppedWithinMs = 15_000

/** `trader db-up`: the database alone, migrated, in the background. */
export function registerDatabaseUp(program: Command): void {
  const command = program
    .command('db-up')
    .description('start the database alone, migrated, in the background; `trader stop` ends it, `trader start` takes it over')
    .option('--port-base <n>', 'as for `trader start`', portBase)
    .option('--foreground', 'stay until told to stop')
  aboutAStack(command).action(async (flags: { dataDir?: string; portBase?: number; foreground?: boolean }) => {
    if (flags.foreground === true) await inForeground(flags)
    else await inBackground(flags)
  })
}

async function inForeground(flags: { dataDir?: string; portBase?: number }): Promise<void> {
  const config = commandConfig(flags)
  const { supervise } = await import('../stack/supervise.ts')
  const { exitCode } = await supervise({
    config,
    dataDirPath: config.DATA_DIR,
    portBase: flags.portBase,
    parts: 'database',
    progress: terminalProgress(),
    onBegin: () => say('the database alone'),
    onReady: () => say('ready'),
  })
  process.exitCode = exitCode
}

/** Runs `db-up --foreground` as a process of its own and waits until it is ready or has ended. */
async function inBackground(flags: { dataDir?: string; portBase?: number }): Promise<void> {
  const config = commandConfig(flags)
  const { preflight } = await import('../stack/supervise.ts')
  await preflight({ config, dataDirPath: config.DATA_DIR, portBase: flags.portBase, parts: 'database' })
  const dataDir = openDataDir(config.DATA_DIR)
  const path = logPath(dataDir, 'supervisor')
  const log = openSync(path, 'a', 0o600)
  const from = statSync(path).size
  const args = [
    'db-up',
    '--foreground',
    '--data-dir',
    dataDir.root,
    ...(flags.portBase === undefined ? [] : ['--port-base', String(flags.portBase)]),
  ]
  const child = spawn(process.execPath, [...process.execArgv, fileURLToPath(new URL('../main.ts', import.meta.url)), ...args], {
    detached: true,
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  const ended = once(child, 'exit')
  const said = (): string[] => readLogTail({ path, lines: 50, from })
  await waitUntil(() => said().includes('ready') || child.exitCode !== null, { timeoutMs: readyWithinMs })
  say(said().join('\n'))
  if (child.exitCode !== null) {
    await ended
    process.exitCode = child.exitCode
    return
  }
  child.unref()
  const { ports } = readStackFile(dataDir) ?? {}
  print(hint(`Postgres runs on port ${ports?.['postgres']}, data in ${dataDir.root}; \`trader stop\` ends it`))
}

/** Where only the database of a data directory runs, stops it, so that `trader start` can take over. */
export async function stopDatabaseStack(dataDirPath: string): Promise<void> {
  const dataDir = dataDirPaths(dataDirPath)
  if (!existsSync(controlSocketPath(dataDir))) return
  const status = await runningStack(dataDirPath)
  if (status === undefined || status.components.length === 0 || status.components.some(({ name }) => name !== 'postgres')) return
  say('the database is running by itself: taking it over')
  const supervisor = readStackFile(dataDir)?.supervisor_pid
  await askSupervisor(dataDir, { command: 'stop' })
  const gone = await waitUntil(() => supervisor === undefined || processBirth(supervisor) === null, { timeoutMs: stoppedWithinMs })
  if (!gone) throw new ExitError('failed', `the database's supervisor (process ${supervisor}) was told to stop and is still there`)
}

/** The status of the stack that runs on a data directory; undefined when none does. */
async function runningStack(dataDirPath: string): Promise<StackStatus | undefined> {
  try {
    return stackStatus.parse(await askSupervisor(dataDirPaths(dataDirPath), { command: 'status' }))
  } catch (error) {
    if (error instanceof ExitError && error.exitCode === 4) return undefined
    throw error
  }
}
