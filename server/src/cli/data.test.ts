import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { registerData } from './data.ts'

const start = 1_522_800_000_000
const goodLines = Array.from({ length: 12 }, (_, minute) => `${start + minute * 60_000},1,2,1,2,5`)

describe('trader data', () => {
  let dataDir: string
  let answers: string[]
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'data-'))
    mkdirSync(join(dataDir, 'candles'))
    answers = []
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => answers.push(String(text)) > 0)
    vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  })
  afterEach(() => {
    vi.restoreAllMocks()
    process.exitCode = undefined
    rmSync(dataDir, { recursive: true })
  })

  const put = (name: string, lines: readonly string[]): void =>
    writeFileSync(join(dataDir, 'candles', name), ['timestamp_ms,open,high,low,close,volume', ...lines, ''].join('\n'))
  const run = async (...words: string[]): Promise<unknown> => {
    const program = new Command().exitOverride()
    registerData(program)
    await program.parseAsync(['data', ...words, '--data-dir', dataDir, '--json'], { from: 'user' })
    return JSON.parse(answers.pop() ?? 'null')
  }

  it('check ends with exit code 1 where a row is bad, and with 0 where there is only a gap', async () => {
    put('bitstamp_BTC-USD_1m.csv', goodLines.toSpliced(3, 2))
    expect(await run('check', 'bitstamp_BTC-USD_1m')).toMatchObject({ rows: 10, missing: 2, gaps: [{ line: 5, missing: 2 }], problems: [] })
    expect(process.exitCode).toBeUndefined()
    put('bitstamp_ETH-USD_1m.csv', [...goodLines, `${start},1,2,1,2,5`])
    expect(await run('check', 'bitstamp_ETH-USD_1m')).toMatchObject({ rows: 12, problems: [{ line: 14, kind: 'unsorted' }] })
    expect(process.exitCode).toBe(1)
  })

  it('convert makes longer candles, and list shows both files', async () => {
    put('bitstamp_BTC-USD_1m.csv', goodLines)
    const longer = join(dataDir, 'candles', 'bitstamp_BTC-USD_5m.parquet')
    expect(await run('convert', 'bitstamp_BTC-USD_1m', longer, '--timeframe', '5m')).toEqual({ file: longer, rows: 2 })
    expect(await run('list')).toMatchObject([
      { name: 'bitstamp_BTC-USD_1m', rows: 12, problems: 0 },
      { name: 'bitstamp_BTC-USD_5m', timeframe: '5m', rows: 2, gaps: 0 },
    ])
    await expect(run('convert', 'bitstamp_BTC-USD_1m', longer)).rejects.toMatchObject({ exitCode: 2 })
  })

  it('fetch refuses a product or span that cannot be before it asks anybody', async () => {
    await expect(run('fetch', 'bitstamp', 'BTC', '--from', '2024-01-01')).rejects.toMatchObject({ exitCode: 2 })
    await expect(run('fetch', 'bitstamp', 'BTC-USD', '--from', '2024-01-02', '--to', '2024-01-01')).rejects.toThrow(
      '--from must be before --to',
    )
    await expect(run('check', 'absent')).rejects.toMatchObject({ exitCode: 1 })
  })
})
