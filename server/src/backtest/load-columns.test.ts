import { mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { loadColumns } from './load-columns.ts'

const folder = mkdtempSync(join(tmpdir(), 'columns-'))
afterAll(() => rmSync(folder, { recursive: true }))

const header = 'timestamp_ms,open,high,low,close,volume'
const row = (minute: number, rest = '10,12,9,11,5'): string => `${1_522_800_000_000 + minute * 60_000},${rest}`

let written = 0
function fileOf(lines: readonly string[], end = '\n'): string {
  written += 1
  const path = join(folder, `BTC-USD_1m_${written}.csv`)
  writeFileSync(path, [header, ...lines].join('\n') + end)
  return path
}
const read = (path: string) => loadColumns(path, { cacheDir: null })

describe('candle files', () => {
  it('are read as columns, whatever legal form their lines have', async () => {
    const lines = [
      row(0),
      `${row(1, '10.5,12.25,9,11,0')}\r`,
      '',
      row(2, '1e1,12,9,11,3.82e-3'),
      row(5, '10,12,9,11,0.0038217599999999996'),
    ]
    const { columns, data } = await read(fileOf(lines, ''))
    expect([...columns.open]).toEqual([10, 10.5, 10, 10])
    expect([...columns.volume]).toEqual([5, 0, 0.00382, 0.00382176])
    expect(data).toMatchObject({ product: 'BTC-USD', rows: 4, timeframe_ms: 60_000, gaps: 1, missing: 2 })
  })

  it.each([
    ['a price that is no number', row(1, 'NaN,12,9,11,5'), 'line 3: open must be a decimal number, not negative, was "NaN"'],
    ['a negative price', row(1, '10,12,-9,11,5'), 'line 3: low must be a decimal number, not negative, was "-9"'],
    ['a price of zero', row(1, '10,12,0,11,5'), 'line 3: low must be positive'],
    ['a close above the high', row(1, '10,12,9,13,5'), 'line 3: close 13 is above high 12'],
    ['a time twice', row(0), 'appears twice'],
    ['times that go back', '1522799940000,10,12,9,11,5', 'line 3: timestamp_ms 1522799940000 is not after 1522800000000'],
    ['a column too few', row(1, '10,12,9,11'), 'line 3: expected 6 columns, found 5'],
    ['a column too many', row(1, '10,12,9,11,5,6'), 'line 3: expected 6 columns, found 7'],
  ])('with %s are refused with file and line', async (_, bad, problem) => {
    await expect(read(fileOf([row(0), bad, row(2)]))).rejects.toThrow(problem)
  })

  it('longer than one piece are read to the end, and a bad line far in is named', async () => {
    const lines = Array.from({ length: 40_000 }, (_, minute) => row(minute, '10.12345,12.23456,9.34567,11.45678,5.56789012'))
    const { columns } = await read(fileOf(lines))
    expect(columns.rows).toBe(40_000)
    expect(columns.close[39_999]).toBe(11.45678)
    lines[39_000] = row(39_000, '10,8,9,11,5')
    await expect(read(fileOf(lines))).rejects.toThrow('line 39002: high 8 is below low 9')
  })

  it('without rows, header or product are refused', async () => {
    await expect(read(fileOf([]))).rejects.toThrow('has no rows')
    const other = join(folder, 'BTC-USD_other.csv')
    writeFileSync(other, 'time,price\n1,2\n')
    await expect(read(other)).rejects.toThrow(`header must be ${header}`)
    await expect(read(join(folder, 'prices.csv'))).rejects.toThrow('does not name its product')
    await expect(read(join(folder, 'BTC-USD_none.csv'))).rejects.toThrow('cannot read the candles')
  })

  it('come from their raw columns until they change, and whole or not at all', async () => {
    const cacheDir = join(folder, 'cache')
    const path = fileOf([row(0), row(1)])
    const first = await loadColumns(path, { cacheDir })
    const again = await loadColumns(path, { cacheDir })
    expect([...again.columns.close]).toEqual([...first.columns.close])
    expect(again.data).toEqual(first.data)
    const [kept = ''] = readdirSync(cacheDir)
    truncateSync(join(cacheDir, kept), 1100)
    expect((await loadColumns(path, { cacheDir })).columns.rows).toBe(2)
    writeFileSync(path, [header, row(0), row(1), row(2), ''].join('\n'))
    expect((await loadColumns(path, { cacheDir })).columns.rows).toBe(3)
  })
})
