import { describe, expect, it } from 'vitest'
import { detectDialect, readTime } from './candle-dialect.ts'

const columnsOf = (line: string): readonly number[] => detectDialect(line.split(','), 'a.csv').columns

describe('a heading', () => {
  it.each([
    ['timestamp_ms,open,high,low,close,volume', [0, 1, 2, 3, 4, 5]],
    ['time,low,high,open,close,volume', [0, 3, 2, 1, 4, 5]],
    ['Open time,Open,High,Low,Close,Volume,Close time,Quote asset volume', [0, 1, 2, 3, 4, 5]],
    ['\uFEFFv,c,l,h,o,t', [5, 4, 3, 2, 1, 0]],
    ['symbol,Date,Open,High,Low,Close,Vol', [1, 2, 3, 4, 5, 6]],
  ])('%s', (line, columns) => {
    expect(columnsOf(line)).toEqual(columns)
  })

  it('that lacks a column is refused with what is missing', () => {
    expect(() => columnsOf('time,open,high,low')).toThrow('file a.csv line 1: no column for close, volume in "time,open,high,low"')
  })

  it('is not needed by the archives of Kraken and Binance', () => {
    const kraken = detectDialect('1522800000,7424.9,7425,7422,7422,7.1,12'.split(','), 'a.csv')
    expect(kraken).toEqual({ columns: [0, 1, 2, 3, 4, 5], hasHeader: false })
    expect(columnsOf('1522800000000000,1,1,1,1,5,1522800059999999,7,1,2,2,0')).toEqual([0, 1, 2, 3, 4, 5])
    expect(() => columnsOf('some,thing,else')).toThrow('no header such as timestamp_ms,')
  })
})

describe('a time', () => {
  it.each([
    '1522800000',
    '1522800000.0',
    '1522800000000',
    '1522800000000000',
    '2018-04-04',
    '2018-04-04 00:00',
    '2018-04-04T00:00:00Z',
    '2018-04-04 00:00:00.000+00:00',
    '2018-04-04 00:00:00 UTC',
  ])('%s is the same moment', (text) => expect(readTime(text)).toBe(1_522_800_000_000))

  it.each(['', 'soon', '2018-02-31', '2018-04-04T00:00:00+02:00', '-1522800000', '1522800000.5', '1522800000000001', '04/04/2018'])(
    '%s is none',
    (text) => expect(readTime(text)).toBeNull(),
  )
})
