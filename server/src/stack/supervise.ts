import type { Config } from '../config.ts'
import { describeError, exitCodes, ExitError, type ExitCode } from '../exit-code.ts'
import { serveControl } from './control-socket.ts'
import { openDataDir } from './data-dir.ts'
import { endLeftovers } from './leftovers.ts'
import { lockStack } from './lock.ts'
import { ownerToken } from './owner-token.ts'
import { requireFreePorts } from './ports.ts'
import type { Progress } from './progress.ts'
import type { StartRun } from './run-hook.ts'
import { Stack } from './stack.ts'
import { readStackFile } from './stack-file.ts'
import { stackId } from './stack-id.ts'
import { stackSettings, wantedPorts, type StackSettings } from './stack-settings.ts'
import type { StartOptions } from './start-options.ts'

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
  const dataDir = openDataDir(supervision.dataDirPath)
  const lock = lockStack(dataDir)
  try {
    const leftOver = await endLeftovers(readStackFile(dataDir)?.children ?? [])
    if (leftOver.length > 0) progress.note(`ended what an earlier supervisor left running: ${leftOver.join(', ')}`)
    ownerToken(dataDir)
    const settings = stackSettings({ config, dataDir, stackId: stackId(dataDir), portBase: supervision.portBase })
    const stack = new Stack(settings, { progress, parts: supervision.parts })
    await requireFreePorts(wantedPorts(settings, stack.names()))
    return await superviseStack({ stack, settings, supervision })
  } finally {
    lock.release()
  }
}

async function superviseStack({
  stack,
  settings,
  supervision,
}: {
  stack: Stack
  settings: StackSettings
  supervision: Supervision
}): Promise<Ending> {
  const { progress } = supervision
  const stopping = Promise.withResolvers<'stopped'>()
  const stopped = Promise.withResolvers<void>()
  const control = await serveControl(settings.dataDir, async (request) => {
    if (request.command !== 'stop') return stack.answer(request)
    stopping.resolve('stopped')
    await stopped.promise
    return { stopped: stack.names() }
  })
  const signals = listenToSignals({ onFirst: () => stopping.resolve('stopped'), onSecond: () => stack.kill() })
  let failure: unknown
  let summary: Readonly<Record<string, unknown>> | undefined
  try {
    const outcome = await Promise.race([stopping.promise, startAll({ stack, settings, supervision })])
    if (outcome !== 'stopped') summary = outcome
  } catch (error) {
    failure = error
  }
  progress.note('stopping')
  const force = setTimeout(() => stack.kill(), stopLimitMs)
  await stack.stop()
  clearTimeout(force)
  stopped.resolve()
  signals.close()
  // Lets the answer to a `trader stop` out before the socket goes.
  await new Promise((resolve) => setImmediate(resolve))
  control.close()
  if (failure !== undefined) throw asExit(failure)
  return { exitCode: signals.wasForced() ? 130 : exitCodes.ok, ...(summary !== undefined && { summary }) }
}

/** Brings everything up, then waits for the run's end; a stack without one, or an endless one, runs until it is stopped. */
async function startAll({
  stack,
  settings,
  supervision,
}: {
  stack: Stack
  settings: StackSettings
  supervision: Supervision
}): Promise<Readonly<Record<string, unknown>>> {
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

function listenToSignals({ onFirst, onSecond }: { onFirst: () => void; onSecond: () => void }): { wasForced(): boolean; close(): void } {
  let firstAt: number | undefined
  let forced = false
  const listener = (): void => {
    const now = performance.now()
    if (firstAt === undefined) {
      firstAt = now
      onFirst()
    } else if (now - firstAt > sameSignalMs && !forced) {
      forced = true
      onSecond()
    }
  }
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  names.forEach((name) => process.on(name, listener))
  return { wasForced: () => forced, close: () => names.forEach((name) => process.off(name, listener)) }
}
