import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { productId } from '@trader/core/contract/primitives'
import { minuteMs, timeframeMs, timeframeName } from '@trader/core/market/timeframe'
import type { Command } from 'commander'
import { describeError, exitCodes, ExitError } from '../exit-code.ts'
import type { CandleGap, Inspection } from '../market-data/inspect-candles.ts'
import { answersJson, commandConfig, type JsonFlags } from './command-config.ts'
import { instant, quoted, timeframeLength } from './option-values.ts'
import { print, printJson, say, table } from './output.ts'

/** More lines than this of one kind say nothing new; `--json` has them all. */
const mostShown = 20

/** `trader data list|fetch|check|convert`: candle files, without anything running. */
export function registerData(program: Command): void {
  const data = program.command('data').description('candle files: list, download, check and convert them')
  registerList(data)
  registerFetch(data)
  registerCheck(data)
  registerConvert(data)
}

function registerList(data: Command): void {
  const list = data.command('list').description('what the data catalogue has (DATA_DIR/candles)')
  answersJson(list).action(async (flags: JsonFlags) => {
    const config = commandConfig(flags)
    const { listCatalogue } = await import('../market-data/catalogue.ts')
    const entries = await listCatalogue(config.DATA_DIR)
    if (flags.json === true) return printJson(entries)
    if (entries.length === 0) return say(`no candles in ${config.DATA_DIR}/candles; \`trader data fetch\` downloads some`)
    const rows = entries.map(({ name, rows, first, last, missing, problems, error }) => {
      return [name, String(rows), timeText(first), timeText(last), String(missing), error ?? String(problems)]
    })
    print(table([['name', 'candles', 'first', 'last', 'missing', 'problems'], ...rows]))
  })
}

function registerFetch(data: Command): void {
  const fetching = data
    .command('fetch')
    .description('download one-minute candles into the catalogue; the same again goes on where it stopped')
    .argument('<exchange>', 'by the name ccxt has for it, such as bitstamp')
    .argument('<product>', 'such as BTC-USD')
    .requiredOption('--from <time>', 'first minute, UTC', instant('--from'))
    .option('--to <time>', 'up to here, UTC (default: now)', instant('--to'))
  answersJson(fetching).action(async (exchange: string, product: string, flags: JsonFlags & { from: number; to?: number }) => {
    if (!productId.safeParse(product).success) throw new ExitError('usage', `the product must be such as BTC-USD, was ${quoted(product)}`)
    const span = fetchSpan(flags)
    const config = commandConfig(flags)
    const [{ fetchCandles }, { catalogueFolder }, { openCcxtVenue }] = await Promise.all([
      import('../market-data/fetch-candles.ts'),
      import('../market-data/catalogue.ts'),
      import('../exchange/ccxt/ccxt-venue.ts'),
    ])
    // Ctrl-C ends the process: what has been written stays and is gone on with.
    const options = { name: exchange, timeoutMs: 15_000, signal: new AbortController().signal }
    const venue = await openCcxtVenue(options, [product]).catch((error: unknown) => {
      const kind = describeError(error).startsWith('cannot read the markets') ? 'dependencyDown' : 'usage'
      throw new ExitError(kind, describeError(error), { cause: error })
    })
    const path = join(catalogueFolder(config.DATA_DIR), `${exchange}_${product}_1m.csv`)
    const onProgress = (upTo: number): void => say(`${product} up to ${timeText(upTo)} (${share(upTo, span)} %)`)
    const fetched = await fetchCandles({ venue, product, path, ...span, onProgress })
    report(path, fetched, flags)
  })
}

function fetchSpan({ from, to }: { readonly from: number; readonly to?: number }): { from: number; to: number } {
  const wholeMinute = (time: number): number => time - (time % minuteMs)
  const now = wholeMinute(Date.now())
  const span = { from: wholeMinute(from), to: Math.min(now, wholeMinute(to ?? now)) }
  if (span.from < span.to) return span
  throw new ExitError('usage', `--from must be before --to and before now, was ${timeText(span.from)} to ${timeText(span.to)}`)
}

function registerCheck(data: Command): void {
  const check = data
    .command('check')
    .description('gaps, duplicates, unsorted rows, NaN and negative values of a candle file, by line; exit code 1 where a row is bad')
    .argument('<file>', 'a CSV or Parquet file, or a name of the catalogue')
  answersJson(check).action(async (file: string, flags: JsonFlags) => {
    const path = await candlePath(file, flags)
    const { inspectCandles } = await import('../market-data/inspect-candles.ts')
    report(path, await readable(() => inspectCandles(path, { timeframeMs: timeframeInName(path) })), flags)
  })
}

function registerConvert(data: Command): void {
  const convert = data
    .command('convert')
    .description("candles of any known kind into the project's CSV or Parquet, by the name of <to>; longer ones with --timeframe")
    .argument('<from>', 'a CSV or Parquet file, or a name of the catalogue')
    .argument('<to>', 'a new file, .csv or .parquet')
    .option('--timeframe <name>', 'make candles of this length, such as 1h', timeframeLength)
  answersJson(convert).action(async (from: string, to: string, flags: JsonFlags & { timeframe?: number }) => {
    if (!/\.(csv|parquet)$/.test(to)) throw new ExitError('usage', `the new file must end in .csv or .parquet, was ${quoted(to)}`)
    const path = await candlePath(from, flags)
    const [{ readCandles }, { resampled, writeCandles }] = await Promise.all([
      import('../market-data/inspect-candles.ts'),
      import('../market-data/write-candles.ts'),
    ])
    const { rows, timeframeMs: length } = await readable(() => readCandles(path, { timeframeMs: timeframeInName(path) }))
    const longer = flags.timeframe
    if (longer !== undefined && (length === null || longer % length !== 0)) {
      throw new ExitError(
        'usage',
        `candles of ${length === null ? 'unknown length' : timeframeName(length)} cannot become ${timeframeName(longer)}`,
      )
    }
    const product = basename(path).replace(/\.[^.]+$/, '')
    const written = longer === undefined || length === null ? rows : resampled(rows, { product, fromMs: length, toMs: longer })
    await writeCandles(to, written)
    if (flags.json === true) printJson({ file: to, rows: written.length })
    else say(`wrote ${written.length} candles to ${to}`)
  })
}

/** A file by its path, or else by its name in the catalogue. */
async function candlePath(file: string, flags: JsonFlags): Promise<string> {
  const { DATA_DIR } = commandConfig(flags)
  if (existsSync(file)) return file
  const { catalogueFile } = await import('../market-data/catalogue.ts')
  const found = catalogueFile(DATA_DIR, file)
  if (found === null)
    throw new ExitError('failed', `there is no file ${quoted(file)}, and no candles of that name; \`trader data list\` shows them`)
  return found
}

/** What a file holds is its user's to mend: no stack trace. */
async function readable<Answer>(read: () => Promise<Answer>): Promise<Answer> {
  try {
    return await read()
  } catch (error) {
    throw new ExitError('failed', describeError(error), { cause: error })
  }
}

function timeframeInName(path: string): number | null {
  const words = basename(path).split(/[_.-]/)
  return words.map(timeframeMs).find((length) => length !== undefined) ?? null
}

function report(path: string, { rows, timeframeMs: length, problems, gaps }: Inspection, { json }: JsonFlags): void {
  const [first, last] = [rows[0]?.start ?? null, rows.at(-1)?.start ?? null]
  const missing = gaps.reduce((sum, gap) => sum + gap.missing, 0)
  if (problems.length > 0) process.exitCode = exitCodes.failed
  if (json === true) return printJson({ file: path, rows: rows.length, timeframe_ms: length, first, last, missing, gaps, problems })
  const kind = length === null ? '' : ` of ${timeframeName(length)}`
  print(`${path}: ${rows.length} good candles${kind}, ${timeText(first)} to ${timeText(last)}`)
  printSome(gaps.map(gapText), 'gaps')
  printSome(
    problems.map(({ line, kind: what, detail }) => `line ${line}: ${what.replaceAll('_', ' ')}: ${detail}`),
    'problems',
  )
  print(`${problems.length} problems; ${gaps.length} gaps, ${missing} candles missing in them (a gap is legal)`)
}

function gapText({ line, from, to, missing }: CandleGap): string {
  return `line ${line}: gap: ${missing} missing from ${timeText(from)} to ${timeText(to)}`
}

function printSome(lines: readonly string[], what: string): void {
  lines.slice(0, mostShown).forEach((line) => print(`  ${line}`))
  if (lines.length > mostShown) print(`  and ${lines.length - mostShown} more ${what}; --json has them all`)
}

function timeText(time: number | null): string {
  return time === null ? 'none' : `${new Date(time).toISOString().slice(0, 16)}Z`
}

function share(upTo: number, { from, to }: { readonly from: number; readonly to: number }): number {
  return Math.floor((100 * (upTo - from)) / (to - from))
}
