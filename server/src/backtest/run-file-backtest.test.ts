import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { walkCandles } from '@trader/core/backtest/testing/walk-candles'
import { backtestConfig, type BacktestRequest } from '@trader/core/contract/backtest'
import { runContest } from './contest.ts'
import { deleteBacktest, listBacktests, readBacktest, storeBacktest } from './result-store.ts'
import { runFileBacktest } from './run-file-backtest.ts'

const folder = mkdtempSync(join(tmpdir(), 'backtest-'))
afterAll(() => rmSync(folder, { recursive: true }))
const repository = new URL('../../..', import.meta.url).pathname

/** `BTC-USD-20k.csv`, as the benchmark names its files. */
const file = join(folder, 'BTC-USD-20k.csv')
const { start, open, high, low, close, volume, rows } = walkCandles({ seed: 8, rows: 6000, volume: 40 })
const lines = Array.from({ length: rows }, (_, row) =>
  [start[row], open[row], high[row], low[row], close[row], volume[row]!.toFixed(8)].join(','),
)
writeFileSync(file, ['timestamp_ms,open,high,low,close,volume', ...lines, ''].join('\n'))

const run = (asked: Partial<BacktestRequest> & { readonly strategy: string }) =>
  runFileBacktest({ config: backtestConfig.parse({ data: [file], ...asked }), cacheDir: null })

describe('a backtest over files', () => {
  it('and the contestant of the benchmark make the same run', async () => {
    const { result, run: made } = await run({ strategy: 'sma-cross', initial_cash: '100000', taker_fee_bps: 1, maker_fee_bps: 1 })
    const contest = await runContest(['--data', folder, '--fee', '0.0001'])
    expect(result.config).toMatchObject({ fills: 'reference', limits: 'off', parameters: { fast: 20, slow: 50, fraction: 0.95 } })
    expect(contest).toMatchObject({ bars: 6000, fills: made.fills.length, final_equity: made.finalEquity, max_drawdown: made.maxDrawdown })
    expect(contest.fills).toBeGreaterThan(50)
  })

  it('has one way from a strategy to a run, and an unknown strategy fails on it alike', async () => {
    const callers: string[] = []
    for await (const path of glob('server/src/**/*.ts', { cwd: repository })) {
      if (!path.endsWith('.test.ts') && readFileSync(join(repository, path), 'utf8').includes("from '@trader/core/backtest/run-backtest'"))
        callers.push(path)
    }
    expect(callers).toEqual(['server/src/backtest/simulate.ts'])
    const problem = 'unknown strategy sma-crosss; there are: sma-cross, ema-cross'
    await expect(run({ strategy: 'sma-crosss' })).rejects.toThrow(problem)
    await expect(runContest(['--data', folder, '--strategy', 'sma-crosss'])).rejects.toThrow(problem)
  })

  it('loads no Temporal, MCP, database or model library for the contestant', () => {
    const seen = new Set<string>()
    const visit = (path: string): void => {
      if (seen.has(path)) return
      seen.add(path)
      for (const [, name = ''] of readFileSync(path, 'utf8').matchAll(/^(?:import|export) (?!type )[^'"]*from '([^']+)'/gm)) {
        if (name.startsWith('.')) visit(join(path, '..', name))
        else if (name.startsWith('@trader/core/')) visit(join(repository, `core/src/${name.slice('@trader/core/'.length)}.ts`))
        else expect(name, path).toMatch(/^node:/)
      }
    }
    visit(join(repository, 'server/src/backtest/contest.ts'))
    expect(seen.size).toBeGreaterThan(30)
  })

  it('stores all its files, is listed, read as the contract has it, and deleted', async () => {
    const finished = await run({ strategy: 'rsi-mean-reversion', label: 'first' })
    const directory = storeBacktest(folder, finished)
    for (const name of ['result.json', 'fills.csv', 'round-trips.csv', 'blocks.csv', 'equity.csv'])
      expect(existsSync(join(directory, name))).toBe(true)
    const { run_id: runId } = finished.result
    expect(readBacktest(folder, runId)).toEqual(finished.result)
    expect(listBacktests(folder)).toMatchObject([{ run_id: runId, label: 'first', status: 'completed', fills: finished.run.fills.length }])
    deleteBacktest(folder, runId)
    expect(listBacktests(folder)).toEqual([])
    expect(() => readBacktest(folder, runId)).toThrow(`there is no backtest ${runId}`)
    expect(() => readBacktest(folder, '../x')).toThrow("a backtest's id has letters")
  })

  it('refuses spans and products that the data does not have, and too few candles', async () => {
    await expect(run({ strategy: 'ema-cross', from: start[0]! - 60_000 })).rejects.toThrow('lies outside the data')
    await expect(run({ strategy: 'ema-cross', to: start[rows - 1]! + 120_000 })).rejects.toThrow('lies outside the data')
    await expect(run({ strategy: 'ema-cross', from: start[9]!, to: start[3]! })).rejects.toThrow('must be before')
    await expect(run({ strategy: 'ema-cross', to: start[20]! })).rejects.toThrow('needs 26 candles of BTC-USD to warm up')
    await expect(run({ strategy: 'ema-cross', products: ['ETH-USD'] })).rejects.toThrow(
      'there are no candles of ETH-USD; the data has BTC-USD',
    )
    await expect(run({ strategy: 'ema-cross', timeframe_ms: 90_000 })).rejects.toThrow('not a whole multiple')
    await expect(run({ strategy: 'ema-cross', parameters: { fst: 3 } })).rejects.toThrow('unknown parameter fst')
  })

  it('warms up on the candles before its beginning', async () => {
    const { result } = await run({ strategy: 'ema-cross', from: start[1000]! })
    expect(result).toMatchObject({ warm_up_bars: 120, bars: 5000, config: { from: start[1000] } })
  })
})

describe('a strategy file', () => {
  /** In a process of its own, as users run it: the test runner has its own way with imports. */
  const contestOf = (strategy: string) => {
    const contest = join(repository, 'bin/backtest-contest.js')
    const child = spawnSync(process.execPath, [contest, '--data', folder, '--strategy', strategy], { encoding: 'utf8', cwd: repository })
    return { status: child.status, problem: child.stderr, fills: Number(/"fills":(\d+)/.exec(child.stdout)?.[1]) }
  }
  const written = (name: string, text: string): string => {
    const path = join(folder, name)
    writeFileSync(path, text)
    return path
  }
  const onBar = (body: string): string =>
    `import { defineStrategy } from '@trader/core/backtest/strategy'
export const strategy = defineStrategy({ name: 'mine', description: '', parameters: {}, create: () => ({ kind: 'orders', warmUp: 1, onBar(view) {
${body}
return [] } }) })`

  it('anywhere runs as one of the library: the same rule makes the same fills', () => {
    const own = contestOf('docs/examples/moving-averages.ts')
    expect(own).toMatchObject({ status: 0, fills: contestOf('sma-cross').fills })
    expect(own.fills).toBeGreaterThan(50)
    expect(contestOf('docs/examples/trend-with-stops.ts').fills).toBeGreaterThan(50)
    expect(contestOf(written('idle.ts', onBar('')))).toMatchObject({ status: 0, fills: 0 })
  })

  it.each([
    {
      what: 'throws',
      body: "if (view.candles('BTC-USD').count > 9) throw new Error('no idea')",
      problem: /failed at .* UTC: no idea \(throws\.ts:3:\d+\)/,
    },
    {
      what: 'looks-ahead',
      body: "view.candles('BTC-USD').close(-1)",
      problem: /candle 1 after the present one of BTC-USD has not closed yet/,
    },
    {
      what: 'wishes-for-nothing',
      body: "return [{ action: 'order', product: 'BTC-USD', side: 'BUY', quantity: Number.NaN, reason: '' }]",
      problem: /quantity must be positive, was NaN/,
    },
    {
      what: 'wishes-elsewhere',
      body: "return [{ action: 'order', product: 'ETH-USD', side: 'BUY', quantity: 1, reason: '' }]",
      problem: /ETH-USD, which is not traded here: BTC-USD/,
    },
  ])('that $what ends the run and says where', ({ what, body, problem }) => {
    const failed = contestOf(written(`${what}.ts`, onBar(body)))
    expect(failed.status).toBe(1)
    expect(failed.problem).toMatch(problem)
  })

  it('that is not there, cannot be parsed or exports nothing is refused', () => {
    expect(contestOf('./nothing-here.ts')).toMatchObject({ status: 2, problem: expect.stringContaining('there is no strategy file') })
    expect(contestOf(written('bad.ts', 'export const x = ;'))).toMatchObject({ status: 2, problem: expect.stringContaining('(bad.ts:1)') })
    expect(contestOf(written('empty.ts', 'export const x = 1'))).toMatchObject({
      status: 2,
      problem: expect.stringContaining('must export'),
    })
  })
})
