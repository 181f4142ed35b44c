import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Launch } from './component-plan.ts'
import { signalGroup } from './process-table.ts'

const keptLines = 5

/**
 * Runs a program to its end and answers what it printed on stdout. Throws with its last words when it fails. When the signal is
 * raised it is interrupted, and the throw comes only once it is gone: nobody is left behind.
 */
export async function runProgram(
  launch: Pick<Launch, 'command' | 'args' | 'uid' | 'gid'>,
  {
    env,
    signal,
    onErrorLine,
  }: { env: Readonly<Record<string, string | undefined>>; signal: AbortSignal; onErrorLine?: (line: string) => void },
): Promise<string> {
  signal.throwIfAborted()
  const { command, args, ...ids } = launch
  const child = spawn(command, args, { ...ids, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  // Its whole group, as a compiler has helpers; a group of its own, so that the terminal's Ctrl-C does not come by two ways.
  const interrupt = (): boolean => child.pid !== undefined && signalGroup(child.pid, 'SIGINT')
  signal.addEventListener('abort', interrupt)
  let output = ''
  const lastLines: string[] = []
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  createInterface({ input: child.stderr }).on('line', (line) => {
    onErrorLine?.(line)
    lastLines.push(line)
    if (lastLines.length > keptLines) lastLines.shift()
  })
  try {
    const [code, killedBy] = await once(child, 'close')
    signal.throwIfAborted()
    if (code !== 0) throw new Error(`${command} ended with ${killedBy ?? `exit code ${code}`}: ${lastLines.join(' | ')}`)
    return output
  } finally {
    signal.removeEventListener('abort', interrupt)
  }
}
