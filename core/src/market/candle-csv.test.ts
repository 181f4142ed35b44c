import { describe, expect, it } from 'vitest'
import { isBelow, readCandleCsv, toCandle } from './candle-csv.ts'

const header = 'timestamp_ms,open,high,low,close,volume'
const read = (...lines: string[]) => [...readCandleCsv({ file: 'x.csv', lines })]

describe('candle CSV', () => {
  it('keeps every digit of a number', () => {
    const rows = read(header, '60000,0.000012345678,0.00002,0.00001,0.000015,123456789012.123456789012345678')
    expect(rows[0]).toEqual({
      start: 60_000,
      open: '0.000012345678',
      high: '0.00002',
      low: '0.00001',
      close: '0.000015',
      volume: '123456789012.123456789012345678',
    })
  })

  it('accepts gaps, Windows line ends, a byte order mark and an empty last line', () => {
    const rows = read(`\uFEFF${header}\r`, '60000,1,2,1,2,0\r', '600000,1,2,1,2,3\r', '')
    expect(rows.map((row) => row.start)).toEqual([60_000, 600_000])
  })

  it('writes what programs make of a double as an amount', () => {
    expect(read(header, '0,1,2,1,2,1.5e-05')[0]?.volume).toBe('0.000015')
    expect(read(header, '0,1,2,1,2,0.0038217599999999996')[0]?.volume).toBe('0.00382176')
    expect(() => read(header, '0,1,2,1e-30,2,1')).toThrow('low must be positive, was 0')
  })

  it('makes a candle of a row when told product and timeframe', () => {
    const [row] = read(header, '0,1,2,1,2,3')
    expect(row && toCandle(row, { product: 'BTC-USD', timeframeMs: 60_000 })).toMatchObject({
      product: 'BTC-USD',
      start: 0,
      timeframe_ms: 60_000,
    })
  })

  it.each([
    ['60000,10,10,12,10,1', 'high 10 is below low 12'],
    ['60000,13,12,10,11,1', 'open 13 is above high 12'],
    ['60000,11,12,10,9,1', 'close 9 is below low 10'],
    ['60000,NaN,12,10,11,1', 'open must be a decimal number, not negative, was "NaN"'],
    ['60000,-1,12,10,11,1', 'open must be a decimal number, not negative, was "-1"'],
    ['60000,0,12,0,11,1', 'open must be positive, was 0'],
    ['60000,11,1e309,10,11,1', 'high must be a decimal number, not negative, was "1e309"'],
    ['60000,11,Infinity,10,11,1', 'high must be a decimal number, not negative, was "Infinity"'],
    ['60000,11,12,10,11,-0.1', 'volume must be a decimal number, not negative, was "-0.1"'],
    ['60000,11,12,10,11', 'expected 6 columns, found 5'],
    ['60000,11,12,10,11,1,1', 'expected 6 columns, found 7'],
    ['1.5,11,12,10,11,1', 'timestamp_ms must be whole milliseconds since 1970, was "1.5"'],
    ['30000,11,12,10,11,1', 'timestamp_ms 30000 appears twice'],
    ['29999,11,12,10,11,1', 'timestamp_ms 29999 is not after 30000'],
  ])('refuses %s with file and line', (line, problem) => {
    expect(() => read(header, '30000,11,12,10,11,1', line)).toThrow(`file x.csv line 3: ${problem}`)
  })

  it('refuses a file without header, or without anything', () => {
    expect(() => read('30000,11,12,10,11,1')).toThrow('file x.csv line 1: header must be timestamp_ms,open')
    expect(() => read()).toThrow('file x.csv is empty')
  })

  it('compares amounts exactly where doubles cannot', () => {
    expect(isBelow('1.000000000000000001', '1.000000000000000002')).toBe(true)
    expect(isBelow('1.0', '1')).toBe(false)
  })
})
