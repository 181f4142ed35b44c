import { spawn, type ChildProcess } from 'node:child_process'
import { readdirSync, rmSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stackStatus, type ComponentStatus, type StackStatus } from '@trader/core/contract/component-status'
import { loadConfig } from '../../server/src/config.ts'
import { findAddresses, type Addresses } from '../../server/src/stack/addresses.ts'
import { dataDirPaths } from '../../server/src/stack/data-dir.ts'
import { endLeftovers } from '../../server/src/stack/leftovers.ts'
import { processCommand } from '../../server/src/stack/process-table.ts'
import { readStackFile } from '../../server/src/stack/stack-file.ts'
import { waitUntil } from '../../server/src/stack/wait.ts'
import { whenFinished } from './when-finished.ts'

const mainPath = fileURLToPath(new URL('../../server/src/main.ts', import.meta.url))
const readyWithinMs = 60_000

/** What a finished command said. */
export interface Outcome {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
  readonly seconds: number
}

/** A directory that is gone after the test, with whatever still runs on it. */
export function temporaryDataDir(): string {
  const directory = mkdtempSync(join(tmpdir(), 'trader-test-'))
  whenFinished(async () => {
    await endLeftovers(readStackFile(dataDirPaths(directory))?.children ?? [])
    rmSync(directory, { recursive: true, force: true })
  })
  return directory
}

/** One `trader ...` process. */
export class TraderProcess {
  readonly child: ChildProcess
  readonly outcome: Promise<Outcome>
  #stderr = ''

  /** `env` is added to the few variables that a program needs. */
  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const began = performance.now()
    const { PATH = '', HOME = '' } = process.env
    this.child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', mainPath, ...args], {
      env: { PATH, HOME, ...env },
      cwd: tmpdir(),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stdout = ''
    this.child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    this.child.stderr?.on('data', (chunk: Buffer) => (this.#stderr += chunk.toString()))
    this.outcome = new Promise((resolve) => {
      this.child.on('close', (exitCode) => resolve({ exitCode, stdout, stderr: this.#stderr, seconds: (performance.now() - began) / 1000 }))
    })
  }

  /** What it has said so far, on stderr. */
  said(): string {
    return this.#stderr
  }

  /** Waits until it says a text. Fails with all it said when it ends, or takes too long. */
  async until(text: string, timeoutMs: number = readyWithinMs): Promise<void> {
    const isOver = (): boolean => this.child.exitCode !== null || this.child.signalCode !== null
    await waitUntil(() => this.#stderr.includes(text) || isOver(), { timeoutMs })
    if (!this.#stderr.includes(text))
      throw new Error(
        `it ${isOver() ? `ended (${this.child.exitCode})` : 'took too long'} before it said ${JSON.stringify(text)}; it said:\n${this.#stderr}`,
      )
  }

  /** Sends a signal and answers how it ended, and how long that took. */
  async end(signal: NodeJS.Signals = 'SIGINT'): Promise<Outcome> {
    const began = performance.now()
    this.child.kill(signal)
    const outcome = await this.outcome
    return { ...outcome, seconds: (performance.now() - began) / 1000 }
  }
}

/** Runs a command to its end. */
export function trader(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  return new TraderProcess(args, env).outcome
}

/** Starts a stack and waits until it is ready. It is killed after the test where the test did not stop it. */
export async function startStack({
  dataDir,
  portBase,
  env = {},
}: {
  dataDir: string
  portBase: number
  env?: Readonly<Record<string, string>>
}): Promise<TraderProcess> {
  const stack = new TraderProcess(['start', '--no-chat', '--data-dir', dataDir, '--port-base', String(portBase)], env)
  whenFinished(async () => {
    if (stack.child.exitCode === null && stack.child.signalCode === null) await stack.end('SIGTERM')
  })
  await stack.until('Ready in')
  return stack
}

/** What `trader status --json` says. */
export async function statusOf(dataDir: string): Promise<StackStatus> {
  const { stdout, stderr, exitCode } = await trader(['status', '--json', '--data-dir', dataDir])
  if (exitCode !== 0) throw new Error(`status ended with ${exitCode}: ${stderr}`)
  return stackStatus.parse(JSON.parse(stdout))
}

/** One component of a running stack. */
export async function componentOf(dataDir: string, name: string): Promise<ComponentStatus> {
  const component = (await statusOf(dataDir)).components.find((one) => one.name === name)
  if (component === undefined) throw new Error(`the stack on ${dataDir} has no component ${name}`)
  return component
}

/** How to reach the servers of a stack that was started on a data directory. */
export function addressesOf(dataDir: string): Addresses {
  return findAddresses(loadConfig({ env: { DATA_DIR: dataDir } }))
}

/** Command lines of the processes that belong to a data directory. */
export function processesOf(dataDir: string): string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  const recorded = new Set((readStackFile(dataDirPaths(dataDir))?.children ?? []).map(({ pid }) => String(pid)))
  return pids.flatMap((pid) => {
    const command = processCommand(Number(pid)) ?? ''
    return command.includes(dataDir) || recorded.has(pid) ? [`${pid} ${command}`] : []
  })
}
