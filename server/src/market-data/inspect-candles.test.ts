import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { candleParquet } from './candle-parquet.ts'
import { inspectCandles, readCandles } from './inspect-candles.ts'

const header = 'timestamp_ms,open,high,low,close,volume'
const minute = (index: number): number => 1_522_800_000_000 + index * 60_000
let folder = ''
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'candles-'))))
afterAll(() => rmSync(folder, { recursive: true }))

function fileOf(lines: readonly string[], name = 'a.csv'): string {
  const path = join(folder, name)
  writeFileSync(path, `${lines.join('\n')}\n`)
  return path
}

describe('inspecting candles', () => {
  it('names every bad row by its line and kind, and the gaps between the good ones', async () => {
    const path = fileOf([
      header,
      `${minute(0)},1,2,1,2,5`,
      `${minute(0)},1,2,1,2,5`,
      `${minute(1)},NaN,2,1,2,5`,
      `${minute(2)},1,2,-1,2,5`,
      `${minute(3)},1,2,1,2,5`,
      `${minute(1)},1,2,1,2,5`,
      `${minute(4)},1,2,1,3,5`,
      `later,1,2,1,2,5`,
      `${minute(5)},1,2,1,2,0`,
    ])
    const { rows, problems, gaps } = await inspectCandles(path, { timeframeMs: 60_000 })
    expect(problems.map(({ line, kind }) => `${line} ${kind}`)).toEqual([
      '3 duplicate',
      '4 not_a_number',
      '5 negative',
      '7 unsorted',
      '8 malformed',
      '9 malformed',
    ])
    expect(problems[4]?.detail).toBe('close 3 is above high 2')
    expect(rows.map(({ start }) => start)).toEqual([minute(0), minute(3), minute(5)])
    expect(gaps).toEqual([
      { line: 6, from: minute(1), to: minute(3), missing: 2 },
      { line: 10, from: minute(4), to: minute(5), missing: 1 },
    ])
    await expect(readCandles(path)).rejects.toThrow('file a.csv line 3: 2018-04-04T00:00:00.000Z appears twice')
  })

  it('reads Coinbase, Kraken and Binance alike, with the timeframe of their least step', async () => {
    const own = await readCandles(fileOf([header, `${minute(0)},1,3,0.5,2,5`, `${minute(1)},2,2,2,2,0`]))
    const coinbase = await readCandles(fileOf(['time,low,high,open,close,volume', '1522800000,0.5,3,1,2,5', '1522800060,2,2,2,2,0']))
    const kraken = await readCandles(fileOf(['1522800000,1,3,0.5,2,5,9', '1522800060,2,2,2,2,0,1']))
    const binance = await readCandles(
      fileOf([`${minute(0)},1,3,0.5,2,5,${minute(1) - 1},9,1,1,1,0`, `${minute(1)},2,2,2,2,0,${minute(2) - 1},0,0,0,0,0`]),
    )
    expect(own.timeframeMs).toBe(60_000)
    for (const other of [coinbase, kraken, binance]) expect(other).toEqual(own)
  })

  it('reads back what it wrote as Parquet', async () => {
    const own = await readCandles(
      fileOf([header, `${minute(0)},7424.91,7424.91,7422,7422,7.14319709`, `${minute(2)},0.00000001,1,0.00000001,1,0`]),
    )
    const path = join(folder, 'a.parquet')
    writeFileSync(path, candleParquet(own.rows))
    expect((await readCandles(path)).rows).toEqual(own.rows)
  })

  it('reads the Parquet of other programs: a date column, other names, another order', async () => {
    const path = join(folder, 'other.parquet')
    const amounts = ['close', 'open', 'low', 'high', 'volume'].map((name, index) => ({
      name,
      data: [[2, 1, 0.5, 3, 5][index] ?? 0],
      type: 'DOUBLE' as const,
    }))
    const columnData = [...amounts, { name: 'date', data: [new Date(minute(0))], type: 'TIMESTAMP' as const }]
    writeFileSync(path, new Uint8Array(parquetWriteBuffer({ columnData })))
    expect((await readCandles(path)).rows).toEqual([{ start: minute(0), open: '1', high: '3', low: '0.5', close: '2', volume: '5' }])
  })

  it('says what an empty or absent file is', async () => {
    await expect(readCandles(fileOf([]))).rejects.toThrow('file a.csv is empty')
    await expect(readCandles(join(folder, 'absent.csv'))).rejects.toThrow('cannot read absent.csv')
  })
})
