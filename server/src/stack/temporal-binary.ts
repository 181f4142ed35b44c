import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import type { Config } from '../config.ts'
import { describeError, ExitError } from '../exit-code.ts'
import { buildTemporal, temporalVersion } from './temporal-build.ts'
import { downloadTemporal } from './temporal-download.ts'

/** Where our own copy is kept, for all stacks of this user. */
export const cachedTemporal = join(homedir(), '.cache', 'durable-crypto-agents', `temporal-${temporalVersion}`, 'temporal')

/** A found program, and the place where it was found in words. */
export interface TemporalBinary {
  readonly path: string
  readonly source: string
}

/** The program that is here already: TEMPORAL_CLI_PATH, then PATH, then our cache. */
export function findTemporalBinary(config: Config): TemporalBinary | undefined {
  if (config.TEMPORAL_CLI_PATH !== undefined) {
    if (!existsSync(config.TEMPORAL_CLI_PATH))
      throw new ExitError('usage', `TEMPORAL_CLI_PATH is ${config.TEMPORAL_CLI_PATH}, and there is no such file`)
    return { path: config.TEMPORAL_CLI_PATH, source: 'TEMPORAL_CLI_PATH' }
  }
  const onPath = (process.env['PATH'] ?? '').split(delimiter).map((directory) => join(directory, 'temporal'))
  const found = onPath.find((path) => existsSync(path))
  if (found !== undefined) return { path: found, source: 'PATH' }
  return existsSync(cachedTemporal) ? { path: cachedTemporal, source: 'cache' } : undefined
}

/** The program, fetched or built into our cache where there is none. Never a silent wait: `say` hears of each step. */
export async function ensureTemporalBinary(options: {
  config: Config
  say: (text: string) => void
  signal?: AbortSignal
}): Promise<TemporalBinary> {
  const { config, say, signal = new AbortController().signal } = options
  const found = findTemporalBinary(config)
  if (found !== undefined) return found
  const failures: string[] = []
  for (const [name, obtain] of [
    ['download', downloadTemporal],
    ['go install', buildTemporal],
  ] as const) {
    try {
      await intoCache((draft) => obtain({ target: draft, say, signal }))
      return { path: cachedTemporal, source: name }
    } catch (error) {
      signal.throwIfAborted()
      failures.push(`${name}: ${describeError(error)}`)
      say(`${name} did not work: ${describeError(error)}`)
    }
  }
  throw new ExitError('dependencyDown', `there is no Temporal server here and none could be had:\n  ${failures.join('\n  ')}\n${waysOut}`)
}

const waysOut = `Any one of these helps:
  1. TEMPORAL_ADDRESS=host:port                 use a Temporal server of yours
  2. TEMPORAL_CLI_PATH=/path/to/temporal        or put \`temporal\` on PATH: https://docs.temporal.io/cli/setup-cli
  3. let this machine reach temporal.download   and start again: it is downloaded (about 60 MB)
  4. install Go 1.25 or newer, or Python's pip  and start again: it is built (about 8 minutes)`

/** Makes the file beside its place and moves it there, so that a half made one is never taken for whole. */
async function intoCache(make: (draft: string) => Promise<void>): Promise<void> {
  const draft = join(dirname(cachedTemporal), `draft-${process.pid}`)
  await mkdir(draft, { recursive: true })
  try {
    await make(join(draft, 'temporal'))
    await rename(join(draft, 'temporal'), cachedTemporal)
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}
