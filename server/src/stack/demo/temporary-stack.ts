import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { stackStatus, type ComponentStatus, type StackStatus } from '@trader/core/contract/component-status'
import { loadConfig } from '../../config.ts'
import { findAddresses, type Addresses } from '../addresses.ts'
import { childEnvironment } from '../child-environment.ts'
import { askSupervisor } from '../control-socket.ts'
import { dataDirPaths, type DataDir } from '../data-dir.ts'
import { endLeftovers } from '../leftovers.ts'
import { takenPorts } from '../ports.ts'
import { postgresPlace } from '../postgres-binaries.ts'
import { readStackFile } from '../stack-file.ts'
import { waitUntil } from '../wait.ts'

const mainPath = fileURLToPath(new URL('../../main.ts', import.meta.url))
const readyWithinMs = 120_000
/** Ports that a stack asks for, and where to look for them: below those that systems hand out by themselves. */
const [portCount, firstPort, lastPort] = [5, 20_000, 32_000]

/** How a command ended. */
export interface Outcome {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A whole stack of its own: `trader start` on a new directory and free ports, blind to the caller's environment, `.env` and data. */
export class TemporaryStack {
  readonly directory: string
  readonly dataDir: DataDir
  readonly #portBase: number
  readonly #environment: Readonly<Record<string, string>>
  #child: ChildProcess | undefined
  readonly #commands = new Set<ChildProcess>()
  #said = ''

  private constructor(directory: string, portBase: number, environment: Readonly<Record<string, string>>) {
    this.directory = directory
    this.dataDir = dataDirPaths(join(directory, 'data'))
    this.#portBase = portBase
    this.#environment = environment
  }

  /** Makes the directory and finds the ports. `environment` is added to the few variables that a program needs. */
  static async create(environment: Readonly<Record<string, string>> = {}): Promise<TemporaryStack> {
    const portBase = await freePortBase()
    return new TemporaryStack(mkdtempSync(join(tmpdir(), 'trader-demo-')), portBase, environment)
  }

  /** Starts it and waits until it is ready. */
  async start(args: readonly string[]): Promise<void> {
    this.#said = ''
    const child = this.#spawn(['start', '--no-chat', '--port-base', String(this.#portBase), ...args])
    this.#child = child
    child.stdout?.resume()
    child.stderr?.on('data', (chunk: Buffer) => (this.#said += chunk.toString()))
    await this.until('the stack is ready', () => this.#said.includes('Ready in'), { timeoutMs: readyWithinMs })
  }

  /** Waits for something that only a running stack can bring about. Throws where the stack ended or the time is over. */
  async until(
    what: string,
    isSo: () => boolean | Promise<boolean>,
    { timeoutMs, signal }: { timeoutMs: number; signal?: AbortSignal | undefined },
  ): Promise<void> {
    const isOver = (): boolean => this.#child === undefined || hasEnded(this.#child)
    const met = await waitUntil(async () => isOver() || (await isSo()), { timeoutMs, intervalMs: 20, ...(signal && { signal }) })
    signal?.throwIfAborted()
    if (isOver()) throw new Error(`waited until ${what}, but the stack ended; it said:\n${this.#said}`)
    if (!met) throw new Error(`waited ${timeoutMs / 1000} s until ${what}, in vain`)
  }

  /** Runs another `trader` command on this stack to its end. */
  async run(args: readonly string[]): Promise<Outcome> {
    const child = this.#spawn(args)
    if (child.stdout === null || child.stderr === null) throw new Error('the command has no output to read')
    this.#commands.add(child)
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), ended(child)])
    this.#commands.delete(child)
    return { exitCode: child.exitCode, stdout, stderr }
  }

  async status(): Promise<StackStatus> {
    return stackStatus.parse(await askSupervisor(this.dataDir, { command: 'status' }))
  }

  async component(name: string): Promise<ComponentStatus> {
    const found = (await this.status()).components.find((one) => one.name === name)
    if (found === undefined) throw new Error(`the stack has no component ${name}`)
    return found
  }

  /** The process that supervises the others; undefined before the start. */
  get supervisorPid(): number | undefined {
    return this.#child?.pid
  }

  addresses(): Addresses {
    return findAddresses(loadConfig({ env: { DATA_DIR: this.dataDir.root } }))
  }

  /** Stops it in order, and commands that still run; answers the supervisor's exit code, or null where it was not started or had to be killed. */
  async stop(): Promise<number | null> {
    for (const command of this.#commands) command.kill('SIGTERM')
    await Promise.all([...this.#commands].map(ended))
    if (this.#child === undefined) return null
    if (!hasEnded(this.#child)) this.#child.kill('SIGTERM')
    await ended(this.#child)
    return this.#child.exitCode
  }

  /** Names of its processes that are still there; they are ended. */
  leftovers(): Promise<string[]> {
    return endLeftovers(readStackFile(this.dataDir)?.children ?? [])
  }

  /** Removes everything, also where Postgres had to be given a place elsewhere. */
  async remove(): Promise<void> {
    const { data } = await postgresPlace(this.dataDir)
    if (data !== this.dataDir.postgres) rmSync(dirname(data), { recursive: true, force: true })
    rmSync(this.directory, { recursive: true, force: true })
  }

  #spawn(args: readonly string[]): ChildProcess {
    return spawn(process.execPath, ['--disable-warning=ExperimentalWarning', mainPath, ...args, '--data-dir', this.dataDir.root], {
      cwd: this.directory,
      env: childEnvironment({ TEMPORAL_CLI_PATH: process.env['TEMPORAL_CLI_PATH'], ...this.#environment }),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  }
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null

async function ended(child: ChildProcess): Promise<void> {
  if (!hasEnded(child)) await once(child, 'exit')
}

/** The first of five free ports in a row. */
async function freePortBase(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const base = firstPort + Math.floor(Math.random() * (lastPort - firstPort - portCount))
    const wanted = Array.from({ length: portCount }, (_, index) => ({ name: 'temporary', host: '127.0.0.1', port: base + index }))
    if ((await takenPorts(wanted)).length === 0) return base
  }
  throw new Error(`found no ${portCount} free ports in a row between ${firstPort} and ${lastPort}`)
}
