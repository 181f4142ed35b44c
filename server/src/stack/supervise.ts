import { existsSync } from 'node:fs'
import { requireNamesOutside } from '../access/host-names.ts'
import type { Config } from '../config.ts'
import { describeError, exitCodes, ExitError, type ExitCode } from '../exit-code.ts'
import { serveControl } from './control-socket.ts'
import { dataDirPaths, openDataDir } from './data-dir.ts'
import { endLeftovers } from './leftovers.ts'
import { lockStack } from './lock.ts'
import { ownerToken } from './owner-token.ts'
import { requireFreePorts, stackPorts } from './ports.ts'
import { makePostgresPassword } from './postgres.ts'
import type { Progress } from './progress.ts'
import type { StartRun } from './run-hook.ts'
import { Stack } from './stack.ts'
import { readStackFile } from './stack-file.ts'
import { stackId } from './stack-id.ts'
import { stackSettings, wantedPorts, type StackSettings } from './stack-settings.ts'
import type { StartOptions } from './start-options.ts'
import { catchUncaughtErrors, type UncaughtErrors } from './uncaught-errors.ts'

/** Everything is down within this, or is ended by force. */
const stopLimitMs = 9000
/** A terminal, make and npm may each hand on one and the same Ctrl-C; only a later one is a second one. */
const sameSignalMs = 500

export interface Supervision {
  readonly config: Config
  readonly dataDirPath: string
  readonly portBase: number | undefined
  readonly parts: 'all' | 'database'
  readonly progress: Progress
  /** Called first, when a signal would already stop everything cleanly. */
  onBegin(): void
  /** Called once everything is up. */
  onReady(settings: StackSettings): void
  /** The market to run on it, and how. */
  readonly run?: { readonly start: StartRun; readonly options: StartOptions } | undefined
}

export interface Ending {
  readonly exitCode: ExitCode | 130
  /** The run's summary, where it came to its end. */
  readonly summary?: Readonly<Record<string, unknown>>
}

/** Runs a stack until it is told to stop or its run is finished. It never leaves a process behind, whatever goes wrong. */
export async function supervise(supervision: Supervision): Promise<Ending> {
  const { config, progress } = supervision
  const stopSignals = listenToSignals()
  const uncaught = catchUncaughtErrors()
  supervision.onBegin()
  await preflight(supervision)
  const dataDir = openDataDir(supervision.dataDirPath)
  const lock = lockStack(dataDir)
  try {
    const leftOver = await endLeftovers(readStackFile(dataDir)?.children ?? [])
    if (leftOver.length > 0) progress.note(`ended what an earlier supervisor left running: ${leftOver.join(', ')}`)
    ownerToken(dataDir)
    if (config.DATABASE_URL === undefined) makePostgresPassword(dataDir)
    const settings = stackSettings({ config, dataDir, stackId: stackId(dataDir), portBase: supervision.portBase })
    const stack = new Stack(settings, { progress, parts: supervision.parts })
    await requireFreePorts(wantedPorts(settings, stack.names()))
    return await superviseStack({ stack, settings, supervision, stopSignals, uncaught })
  } finally {
    stopSignals.close()
    uncaught.close()
    lock.release()
  }
}

/**
 * Refuses what cannot work before a file is written. Where a stack was before, its ports may still be held by what it left behind:
 * those are looked at once that is gone.
 */
export async function preflight({
  config,
  dataDirPath,
  portBase,
  parts,
}: Pick<Supervision, 'config' | 'dataDirPath' | 'portBase' | 'parts'>): Promise<void> {
  if (parts === 'all') requireNamesOutside(config)
  if (existsSync(dataDirPaths(dataDirPath).stackFile)) return
  await requireFreePorts(
    wantedPorts({ config, ports: stackPorts(config, portBase) }, parts === 'all' ? ['postgres', 'temporal', 'mcp'] : ['postgres']),
  )
}

interface Supervised {
  readonly stack: Stack
  readonly settings: StackSettings
  readonly supervision: Supervision
}

async function superviseStack({
  stopSignals,
  uncaught,
  ...supervised
}: Supervised & { stopSignals: StopSignals; uncaught: UncaughtErrors }): Promise<Ending> {
  const { stack, settings, supervision } = supervised
  const stopRequest = Promise.withResolvers<void>()
  const stopped = Promise.withResolvers<void>()
  const control = await serveControl(settings.dataDir, async (request) => {
    if (request.command !== 'stop') return stack.answer(request)
    stopRequest.resolve()
    await stopped.promise
    return { stopped: stack.names() }
  })
  stopSignals.onSecond = () => stack.kill()
  let failure: unknown
  let summary: Readonly<Record<string, unknown>> | undefined
  try {
    const toldToStop = Promise.race([stopSignals.first, stopRequest.promise]).then(() => undefined)
    summary = await Promise.race([toldToStop, startAll(supervised), uncaught.first])
  } catch (error) {
    failure = error
  }
  supervision.progress.note('stopping')
  const force = setTimeout(() => stack.kill(), stopLimitMs)
  await stack.stop()
  clearTimeout(force)
  stopped.resolve()
  // Lets the answer to a `trader stop` out before the socket goes.
  await new Promise((resolve) => setImmediate(resolve))
  control.close()
  if (failure !== undefined) throw asExit(failure)
  return { exitCode: stopSignals.wasForced ? 130 : exitCodes.ok, ...(summary !== undefined && { summary }) }
}

/** Brings everything up, then waits for the run's end; a stack without one, or an endless one, runs until it is stopped. */
async function startAll({ stack, settings, supervision }: Supervised): Promise<Readonly<Record<string, unknown>>> {
  const { progress, run } = supervision
  await stack.start()
  if (run !== undefined) {
    const { config, dataDir, stackId } = settings
    stack.run = await run.start(run.options, { config, dataDir, stackId, addresses: settings, progress })
  }
  supervision.onReady(settings)
  return stack.run === undefined ? new Promise(() => {}) : stack.run.finished
}

function asExit(failure: unknown): ExitError {
  return failure instanceof ExitError ? failure : new ExitError('failed', describeError(failure), { cause: failure })
}

interface StopSignals {
  /** Resolves at the first signal that asks us to stop. */
  readonly first: Promise<void>
  /** Called once, when a signal comes again. */
  onSecond: () => void
  wasForced: boolean
  close(): void
}

function listenToSignals(): StopSignals {
  const first = Promise.withResolvers<void>()
  let firstAt: number | undefined
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  const signals: StopSignals = {
    first: first.promise,
    onSecond: () => {},
    wasForced: false,
    close: () => names.forEach((name) => process.off(name, listener)),
  }
  function listener(): void {
    const now = performance.now()
    if (firstAt === undefined) {
      firstAt = now
      first.resolve()
    } else if (now - firstAt > sameSignalMs && !signals.wasForced) {
      signals.wasForced = true
      signals.onSecond()
    }
  }
  names.forEach((name) => process.on(name, listener))
  return signals
}
