import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { backtestData, perfFolder } from './support/backtest-data.ts'
import { report, rounded, say } from './support/report.ts'

// The backtester against a bare V8 loop in the same run, by processor time, median of 5 after a warm-up. Where the reference's harness and
// Python are there, it runs both as whole processes and checks us against the oracle.

const root = new URL('..', import.meta.url).pathname
const data = backtestData()
const cacheDir = join(data, 'cache')

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}

/** The JSON that a script of bench/support prints, run in a process of its own. */
function childOf(script: string, args: readonly string[]): string {
  const child = spawnSync(process.execPath, [join(root, 'bench/support', script), ...args], { encoding: 'utf8', cwd: root })
  if (child.status !== 0)
    throw new Error(`${script} ${args.join(' ')} ended with ${child.status ?? child.signal}: ${child.stderr.slice(-500)}`)
  return child.stdout
}

const honest = ['--fills', 'honest', '--path', 'event', '--days']
const rows: Readonly<Record<string, readonly string[]>> = {
  vector: ['--strategy', 'sma-cross'],
  own_file: ['--strategy', 'docs/examples/moving-averages.ts'],
  event: ['--strategy', 'bench/support/event-strategy.ts', '--limits', 'wide', ...honest],
  event_default_limits: ['--strategy', 'sma-cross', '--limits', 'default', ...honest],
  event_5y: ['--strategy', 'bench/support/event-strategy.ts', '--limits', 'wide', '--size', '5y', ...honest],
  ema_cross: ['--strategy', 'ema-cross', '--limits', 'default', ...honest],
  rsi_mean_reversion: ['--strategy', 'rsi-mean-reversion', '--limits', 'default', ...honest],
  breakout: ['--strategy', 'breakout', '--limits', 'default', ...honest],
}

interface Row {
  readonly bars: number
  readonly fills: number
  readonly blocks: number
  readonly v8: number[]
  readonly ours: number[]
}

function engineRows(): Record<string, unknown> {
  const figures: Record<string, unknown> = {}
  for (const [name, flags] of Object.entries(rows)) {
    say(`row ${name}`)
    const row: Row = JSON.parse(childOf('backtest-row.ts', ['--data', data, ...flags]))
    const [v8, ours] = [median(row.v8), median(row.ours)]
    figures[name] = {
      v8_ms: rounded(v8 * 1000),
      ours_ms: rounded(ours * 1000),
      times_v8: rounded(ours / v8),
      million_bars_per_second: rounded(row.bars / ours / 1e6),
      fills: row.fills,
      blocks: row.blocks,
    }
  }
  return figures
}

function loadRow(): Record<string, unknown> {
  say('loading')
  const printed = childOf('backtest-load.ts', [join(data, 'BTC-USD-1y.csv'), cacheDir])
  const measured: Record<'bare_parse' | 'csv' | 'cache', number[]> = JSON.parse(printed)
  const [bare, csv, cache] = [median(measured.bare_parse), median(measured.csv), median(measured.cache)]
  return {
    bare_parse_ms: rounded(bare * 1000),
    csv_ms: rounded(csv * 1000),
    cache_ms: rounded(cache * 1000),
    csv_rate_of_bare: rounded(bare / csv),
    cache_times_faster: rounded(csv / cache),
  }
}

function sweepRow(): Record<string, unknown> {
  say('a search over 200 parameter sets')
  const printed = childOf('backtest-sweep.ts', [join(data, 'BTC-USD-1y.csv'), cacheDir])
  const swept: { sets: number; v8: Cost; one: Cost; two: Cost } = JSON.parse(printed)
  const { sets, v8, one, two } = swept
  return {
    sets,
    v8_ms_per_set: rounded((v8.cpu / sets) * 1000),
    ours_ms_per_set: rounded((one.cpu / sets) * 1000),
    times_v8: rounded(one.cpu / v8.cpu),
    faster_on_two_threads: rounded(one.wall / two.wall),
  }
}

interface Cost {
  readonly wall: number
  readonly cpu: number
}

interface HarnessRow {
  readonly id: string
  readonly size: string
  readonly proc_cpu: number
  readonly proc_wall: number
  readonly rss_mb: number
  readonly core: readonly Cost[]
}

/** The reference's own harness, from a copy: whole processes, and the check against its oracle. Null without it. */
function harness(): Record<string, unknown> | null {
  if (!existsSync(join(perfFolder, 'run_all.py')) || spawnSync('python3', ['--version']).status !== 0) return null
  const folder = mkdtempSync(join(tmpdir(), 'bench-perf-'))
  try {
    cpSync(perfFolder, folder, { recursive: true })
    const PATH = `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}`
    const python = (script: string, args: readonly string[], command = ''): string => {
      const env = { ...process.env, PATH, PERF_DATA: data, PRODUCT_BACKTEST_CMD: command }
      const child = spawnSync('python3', [join(folder, script), ...args], { encoding: 'utf8', env })
      if (child.status !== 0) throw new Error(`${script} ended with ${child.status ?? child.signal}: ${child.stderr.slice(-500)}`)
      return `${child.stdout}\n${child.stderr}`
    }
    if (!existsSync(join(data, 'oracle.json'))) python('oracle.py', ['20k,1y,5y'])
    const contest = `${process.execPath} ${join(root, 'bin/backtest-contest.js')}`
    const run = (command: string, name: string): { text: string; raw: HarnessRow[] } => {
      say(`harness, ${name}`)
      const raw = join(folder, `${name}.jsonl`)
      const text = python('run_all.py', ['--sizes', '1y,5y', '--rounds', '3', '--only', 'v8,PRODUCT', '--raw', raw], command)
      return {
        text,
        raw: readFileSync(raw, 'utf8')
          .trim()
          .split('\n')
          .map((line): HarnessRow => JSON.parse(line)),
      }
    }
    const csv = run(contest, 'csv')
    const cache = run(`${contest} --cache ${cacheDir}`, 'cache')
    say(
      csv.text
        .split('\n')
        .filter((line) => !line.startsWith('#'))
        .join('\n'),
    )
    return { exact: !/DIFF|FAILED/.test(csv.text + cache.text) && csv.text.includes('EXACT'), ...harnessFigures(csv.raw, cache.raw) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The least of all rounds and repeats, as the harness' own table has it. */
function harnessFigures(csv: readonly HarnessRow[], cache: readonly HarnessRow[]): Record<string, unknown> {
  const least = (some: readonly HarnessRow[], { id, size }: { id: string; size: string }, of: (row: HarnessRow) => number): number =>
    Math.min(...some.filter((row) => row.id === id && row.size === size).map(of))
  const core = ({ core: costs }: HarnessRow): number => Math.min(...costs.map(({ cpu }) => cpu))
  const of = (some: readonly HarnessRow[], size: string, figure: (row: HarnessRow) => number): number =>
    least(some, { id: 'PRODUCT', size }, figure) / least(some, { id: 'v8', size }, figure)
  const ours = (size: string): number => least(csv, { id: 'PRODUCT', size }, core)
  return {
    core_times_v8: { '1y': rounded(of(csv, '1y', core)), '5y': rounded(of(csv, '5y', core)) },
    process_cpu_from_csv_times_v8: rounded(of(csv, '1y', ({ proc_cpu }) => proc_cpu)),
    process_wall_from_csv_times_v8: rounded(of(csv, '1y', ({ proc_wall }) => proc_wall)),
    process_cpu_from_cache_times_v8: rounded(of(cache, '1y', ({ proc_cpu }) => proc_cpu)),
    process_wall_from_cache_times_v8: rounded(of(cache, '1y', ({ proc_wall }) => proc_wall)),
    growth_1y_to_5y: rounded(ours('5y') / ours('1y')),
    memory_5y_times_v8: rounded(of(csv, '5y', ({ rss_mb }) => rss_mb)),
  }
}

report('backtest', { engine: engineRows(), load: loadRow(), sweep: sweepRow(), harness: harness() })
