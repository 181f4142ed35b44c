import { existsSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { basename, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { findStrategy } from '@trader/core/backtest/strategies/library'
import { StrategyError } from '@trader/core/backtest/strategy-error'
import type { StrategyModule } from '@trader/core/backtest/strategy'
import { utcTime } from '@trader/core/backtest/utc-date'
import { describeError, ExitError } from '../exit-code.ts'

/** A strategy of the library by its name, or of a user's own file, which exports one as `strategy`. */
export async function loadStrategy(name: string): Promise<StrategyModule> {
  if (isPath(name)) return loadStrategyFile(name)
  const found = findStrategy(name)
  if (!found.ok) throw new ExitError('usage', found.detail)
  return found.module
}

/** What a failed strategy is told as: where in its file, and when in the market. */
export function strategyFailure(error: StrategyError, name: string): ExitError {
  const place = placeIn(error.cause, name)
  const where = place === null ? '' : ` (${place})`
  return new ExitError(
    'failed',
    `strategy ${name} failed at ${utcTime(error.marketTime)} UTC: ${error.message}${where}; nothing was stored`,
    {
      cause: error,
    },
  )
}

export function isPath(name: string): boolean {
  return /[/\\]/.test(name) || /\.(ts|mts|js|mjs)$/.test(name)
}

async function loadStrategyFile(path: string): Promise<StrategyModule> {
  const full = resolve(path)
  if (!existsSync(full)) throw new ExitError('usage', `there is no strategy file ${full}`)
  letFilesImportCore()
  const loaded = await importing(full, path)
  if (!isModule(loaded)) {
    throw new ExitError('usage', `strategy file ${path} must export \`strategy\`, made by defineStrategy with name, parameters and create`)
  }
  return loaded
}

async function importing(full: string, path: string): Promise<unknown> {
  try {
    const module: unknown = await import(pathToFileURL(full).href)
    return typeof module === 'object' && module !== null && 'strategy' in module ? module.strategy : undefined
  } catch (error) {
    const place = placeIn(error, path)
    throw new ExitError('usage', `strategy file ${path} cannot be loaded: ${describeError(error)}${place === null ? '' : ` (${place})`}`, {
      cause: error,
    })
  }
}

function isModule(value: unknown): value is StrategyModule {
  if (typeof value !== 'object' || value === null) return false
  const has = (name: string, type: string): boolean => name in value && typeof Reflect.get(value, name) === type
  return has('name', 'string') && has('parameters', 'object') && has('create', 'function')
}

/** `my-strategy.ts:12:9`, from the first line of the stack that names a line of the file. */
function placeIn(error: unknown, path: string): string | null {
  if (!isPath(path) || !(error instanceof Error)) return null
  for (const line of error.stack?.split('\n') ?? []) {
    const found = /([^/\\]+\.[cm]?[jt]s):(\d+(?::\d+)?)/.exec(line)
    if (found?.[1] === basename(path)) return found[0]
  }
  return null
}

let isLetting = false

/** A strategy file may lie anywhere: what it imports of `@trader/core` is ours. */
function letFilesImportCore(): void {
  if (isLetting) return
  isLetting = true
  registerHooks({
    resolve: (specifier, context, next) =>
      next(specifier, specifier.startsWith('@trader/core/') ? { ...context, parentURL: import.meta.url } : context),
  })
}
