import { backtestConfig, type BacktestConfig } from '@trader/core/contract/backtest'
import { describeIssues } from '@trader/core/contract/describe-issues'
import { ExitError } from '../../exit-code.ts'
import { storeBacktest } from '../../backtest/result-store.ts'
import { candleCacheDir, runFileBacktest } from '../../backtest/run-file-backtest.ts'
import { commandConfig, type JsonFlags } from '../command-config.ts'
import { print, printJson, say } from '../output.ts'
import { describeResult } from './describe-result.ts'
import { progressBar } from './progress-bar.ts'

/** What stands on the command line of `trader backtest run`. */
export interface RunFlags extends JsonFlags {
  readonly data: readonly string[]
  readonly strategy: string
  readonly param?: readonly string[]
  readonly products?: string
  readonly timeframe?: number
  readonly from?: number
  readonly to?: number
  readonly cash?: string
  readonly allocation?: readonly string[]
  readonly feeBps?: string
  readonly makerFeeBps?: string
  readonly fills?: string
  readonly limits?: string
  readonly risk?: readonly string[]
  readonly spreadBps?: string
  readonly intrabar?: string
  readonly latencyBars?: number
  readonly minHoldMinutes?: number
  readonly flattenDaily?: boolean
  readonly seed?: number
  readonly label?: string
  readonly cache: boolean
}

/** Runs, stores and shows a backtest. */
export async function runCommand(flags: RunFlags): Promise<void> {
  const { DATA_DIR: dataDir } = commandConfig(flags)
  const config = configOf(flags)
  const bar = progressBar(process.stderr)
  const cacheDir = flags.cache ? candleCacheDir(dataDir) : null
  const finished = await runFileBacktest({ config, cacheDir, hooks: { onProgress: bar.show } }).finally(bar.end)
  const directory = storeBacktest(dataDir, finished)
  if (flags.json === true) printJson(finished.result)
  else {
    print(describeResult(finished.result))
    say(`stored in ${directory}`)
  }
}

/** The config that the flags ask for; whatever the contract refuses is told by its flag. */
export function configOf(flags: RunFlags): BacktestConfig {
  const given = defined({
    label: flags.label,
    data: flags.data,
    products: flags.products?.split(',').map((product) => product.trim()),
    timeframe_ms: flags.timeframe,
    from: flags.from,
    to: flags.to,
    strategy: flags.strategy,
    parameters: pairsOf('--param', flags.param, numberOrText),
    initial_cash: flags.cash,
    initial_allocations: pairsOf('--allocation', flags.allocation, (text) => text),
    taker_fee_bps: numberOf(flags.feeBps),
    maker_fee_bps: numberOf(flags.makerFeeBps ?? flags.feeBps),
    spread_bps: numberOf(flags.spreadBps),
    fills: flags.fills,
    limits: flags.limits,
    risk: pairsOf('--risk', flags.risk, (text, name) => (name === 'min_notional' ? text : numberOrText(text))),
    intrabar: flags.intrabar,
    latency_bars: flags.latencyBars,
    min_hold_minutes: flags.minHoldMinutes,
    flatten_daily: flags.flattenDaily,
    seed: flags.seed,
  })
  const parsed = backtestConfig.safeParse(given)
  if (parsed.success) return parsed.data
  throw new ExitError('usage', describeIssues(parsed.error.issues, { input: given, nameOf: flagOf }))
}

const flagNames: Readonly<Record<string, string>> = {
  parameters: '--param',
  initial_cash: '--cash',
  initial_allocations: '--allocation',
  taker_fee_bps: '--fee-bps',
  timeframe_ms: '--timeframe',
}

function flagOf([field = 'the command line', ...rest]: readonly PropertyKey[]): string {
  const name = flagNames[String(field)] ?? `--${String(field).replaceAll('_', '-')}`
  const [key] = rest
  return key === undefined ? name : `${name} ${String(key)}`
}

function defined(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
}

/** `fast=10` as a name and its value; the same name twice is a mistake. */
function pairsOf<Value>(
  option: string,
  given: readonly string[] | undefined,
  read: (text: string, name: string) => Value,
): Record<string, Value> | undefined {
  if (given === undefined) return undefined
  const pairs: Record<string, Value> = {}
  for (const text of given) {
    const at = text.indexOf('=')
    const name = text.slice(0, at).trim()
    if (at < 1 || name === '') throw new ExitError('usage', `${option} must be name=value, was ${JSON.stringify(text.slice(0, 80))}`)
    if (Object.hasOwn(pairs, name)) throw new ExitError('usage', `${option} ${name} is given twice`)
    pairs[name] = read(text.slice(at + 1).trim(), name)
  }
  return pairs
}

function numberOrText(text: string): number | string | boolean {
  if (text === 'true' || text === 'false') return text === 'true'
  return text !== '' && Number.isFinite(Number(text)) ? Number(text) : text
}

/** A number, or its text where it is none, for the contract to refuse. */
function numberOf(text: string | undefined): number | string | undefined {
  if (text === undefined) return undefined
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text
}
