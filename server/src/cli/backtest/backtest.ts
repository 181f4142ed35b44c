import type { Command } from 'commander'
import { ExitError } from '../../exit-code.ts'
import { answersJson, commandConfig, type JsonFlags } from '../command-config.ts'
import { instant, shortText, timeframeLength, wholeNumber } from '../option-values.ts'
import { print, printJson } from '../output.ts'
import { type RunFlags } from './run.ts'

const many = (text: string, before: readonly string[] = []): string[] => [...before, text]

/** `trader backtest run|list|show|compare|delete`: strategies over history. Needs nothing running; results lie in the data directory. */
export function registerBacktest(program: Command): void {
  const backtest = program
    .command('backtest')
    .description('run strategies over candle files, with nothing started, and look at the results')

  const run = backtest
    .command('run')
    .description('run a strategy over candles')
    .requiredOption('--data <file...>', 'candle files, such as coinbase_BTC-USD_1m.csv or BTC-USD=prices.csv')
    .requiredOption('--strategy <name>', 'a name of the library, or the path of your own .ts or .js file')
    .option('--param <name=value>', 'a parameter of the strategy; may be repeated', many)
    .option('--products <list>', 'only these products of the data, such as BTC-USD,ETH-USD')
    .option('--timeframe <length>', 'candles of this length, made from shorter ones: 5m, 1h, 1d, ...', timeframeLength)
    .option('--from <time>', 'first instant that is traded, in UTC', instant('--from'))
    .option('--to <time>', 'where it ends, in UTC', instant('--to'))
    .option('--cash <amount>', 'cash to begin with (default: 10000)')
    .option('--allocation <product=amount>', 'worth of a product held from the beginning; may be repeated', many)
    .option('--fee-bps <n>', 'fee of every fill in basis points (default: 60 for takers, 40 for makers)')
    .option('--maker-fee-bps <n>', 'fee of a resting order, where it differs')
    .option('--fills <model>', 'reference or honest (default: the strategy’s own, else honest)')
    .option('--limits <which>', 'off or default (default: the strategy’s own, else default)')
    .option('--risk <name=value>', 'another value of one limit, such as max_position=0.5; may be repeated', many)
    .option('--spread-bps <n>', 'width of the quote around each price (default: 2)')
    .option('--intrabar <order>', 'path, or worst: the extreme that hurts comes first (default: path)')
    .option('--latency-bars <n>', 'whole candles that an order is late (default: 0)', wholeNumber('--latency-bars', { from: 0, to: 1000 }))
    .option('--min-hold-minutes <n>', 'least time in a position (default: 0)', wholeNumber('--min-hold-minutes', { from: 0, to: 525_600 }))
    .option('--flatten-daily', 'sell everything at the last candle of each UTC day')
    .option('--seed <n>', 'of everything random (default: 1)', wholeNumber('--seed', { from: 0, to: 2 ** 31 }))
    .option('--label <text>', 'a name for this run', shortText('--label', 100))
    .option('--no-cache', 'read the files anew and keep nothing of them')
  answersJson(run).action(async (flags: RunFlags) => (await import('./run.ts')).runCommand(flags))

  const list = backtest.command('list').description('every stored run, the newest first')
  answersJson(list).action(async (flags: JsonFlags) => {
    const { listBacktests } = await import('../../backtest/result-store.ts')
    const { describeList } = await import('./describe-result.ts')
    const summaries = listBacktests(commandConfig(flags).DATA_DIR)
    if (flags.json === true) printJson(summaries)
    else print(describeList(summaries))
  })

  const show = backtest.command('show <run>').description('one run: its figures, days and trades')
  answersJson(show).action(async (runId: string, flags: JsonFlags) => {
    const { readBacktest } = await import('../../backtest/result-store.ts')
    const { describeResult } = await import('./describe-result.ts')
    const result = readBacktest(commandConfig(flags).DATA_DIR, runId)
    if (flags.json === true) printJson(result)
    else print(describeResult(result))
  })

  const compare = backtest.command('compare <runs...>').description('runs side by side, and what differs between their settings')
  answersJson(compare).action(async (runIds: string[], flags: JsonFlags) => {
    if (runIds.length < 2) throw new ExitError('usage', 'compare needs at least two runs; `trader backtest list` shows them')
    const { readBacktest } = await import('../../backtest/result-store.ts')
    const { compareBacktests, describeComparison } = await import('./compare.ts')
    const { DATA_DIR: dataDir } = commandConfig(flags)
    const comparison = compareBacktests(runIds.map((id) => readBacktest(dataDir, id)))
    if (flags.json === true) printJson(comparison)
    else print(describeComparison(comparison))
  })

  const remove = backtest.command('delete <runs...>').description('delete stored runs')
  answersJson(remove).action(async (runIds: string[], flags: JsonFlags) => {
    const { deleteBacktest, readBacktest } = await import('../../backtest/result-store.ts')
    const { DATA_DIR: dataDir } = commandConfig(flags)
    // All or none: a name that is not there deletes nothing.
    for (const runId of runIds) readBacktest(dataDir, runId)
    for (const runId of runIds) deleteBacktest(dataDir, runId)
    if (flags.json === true) printJson({ deleted: runIds })
    else print(`deleted ${runIds.join(', ')}`)
  })
}
