import { statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Command } from 'commander'
import { loadConfig, type Config } from '../config.ts'
import { ExitError } from '../exit-code.ts'
import { idText, wholeNumber } from './option-values.ts'
import { hintAt } from './output.ts'

/** Flags of a command about a stack. */
export interface StackFlags {
  readonly dataDir?: string | undefined
}

export interface JsonFlags extends StackFlags {
  readonly json?: boolean
}

export interface RunFlags extends JsonFlags {
  readonly run?: string
}

export interface ListFlags extends RunFlags {
  readonly limit: number
}

const mostListed = 1000

/** Adds the option that says which stack a command is about. */
export function aboutAStack(command: Command): Command {
  return command.option('--data-dir <dir>', 'data directory of the stack (default: DATA_DIR or ./data)')
}

/** Of a stack, and readable by a program. */
export function answersJson(command: Command): Command {
  return aboutAStack(command.option('--json', 'one JSON document, on one line'))
}

/** About one run of a stack. */
export function ofARun(command: Command): Command {
  return answersJson(command.option('--run <id>', 'of another run than the newest', idText('--run', 'the id of a run')))
}

/** A list of one run's. */
export function listsOfARun(command: Command): Command {
  return ofARun(command.option('--limit <n>', 'at most this many', wholeNumber('--limit', { from: 1, to: mostListed }), 50))
}

/** The environment's settings, with the data directory that the command line names. Hints name it too, from here on. */
export function commandConfig({ dataDir }: StackFlags): Config {
  if (dataDir === '') throw new ExitError('usage', '--data-dir must name a directory, was empty')
  const loaded = loadConfig()
  const config = dataDir === undefined ? loaded : { ...loaded, DATA_DIR: dataDir }
  requireNoFile(resolve(config.DATA_DIR))
  hintAt(config.DATA_DIR)
  return config
}

/** The data directory of a command line, before it is parsed. */
export function typedDataDir(argv: readonly string[]): string {
  const at = argv.findIndex((word) => word === '--data-dir' || word.startsWith('--data-dir='))
  return (argv[at]?.split('=', 2)[1] ?? (at === -1 ? undefined : argv[at + 1])) || 'data'
}

/** A path that is a file, or leads through one, can never be a data directory. */
function requireNoFile(path: string): void {
  const place = nearestExisting(path)
  if (statSync(place).isDirectory()) return
  throw new ExitError(
    'usage',
    `cannot use the data directory ${path}: ${place} is not a directory; choose another with --data-dir or DATA_DIR`,
  )
}

function nearestExisting(path: string): string {
  return statSync(path, { throwIfNoEntry: false }) === undefined ? nearestExisting(dirname(path)) : path
}
