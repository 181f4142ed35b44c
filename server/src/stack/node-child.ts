import type { ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { childEnvironment } from './child-environment.ts'
import type { ComponentPlan, Readiness } from './component-plan.ts'

const readyMessage = z.object({ type: z.literal('ready'), version: z.string().nullable(), detail: z.string() })

const mainPath = fileURLToPath(new URL('../main.ts', import.meta.url))

/** A component that is a sub-command of our own program, and says itself when it is ready. */
export function nodeChildPlan(options: {
  name: string
  title: string
  port: number | null
  env: Readonly<Record<string, string | undefined>>
}): ComponentPlan {
  return {
    name: options.name,
    title: options.title,
    port: options.port,
    readyTimeoutMs: 60_000,
    firstAttempts: 3,
    longestBackOffMs: 30_000,
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 3000,
    launch: () =>
      Promise.resolve({
        command: process.execPath,
        args: ['--disable-warning=ExperimentalWarning', '--enable-source-maps', mainPath, options.name],
        env: childEnvironment(options.env),
        hasChannel: true,
      }),
    ready: waitForReadyMessage,
  }
}

function waitForReadyMessage(child: ChildProcess, signal: AbortSignal): Promise<Readiness> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    child.on('message', (message) => {
      const parsed = readyMessage.safeParse(message)
      if (parsed.success) resolve({ version: parsed.data.version, detail: parsed.data.detail })
    })
  })
}

/** In the child: tells the supervisor that we do our work now. Without a supervisor it is printed. */
export function reportReady(readiness: Readiness): void {
  if (process.send === undefined) process.stderr.write(`ready: ${readiness.detail}\n`)
  else process.send({ type: 'ready', ...readiness })
}

/** In the child: resolves when it should end, by a signal or because its supervisor is gone. A second signal ends it at once. */
export function untilTold(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
    process.once('disconnect', () => resolve())
  })
}
