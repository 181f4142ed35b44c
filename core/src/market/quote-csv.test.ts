import { describe, expect, it } from 'vitest'
import { quoteCsv, readQuoteCsv } from './quote-csv.ts'

const read = (...lines: string[]) => [...readQuoteCsv({ file: 'q.csv', lines: [quoteCsv.header, ...lines] })]

describe('quote CSV', () => {
  it('reads bid and ask of a span', () => {
    expect(read('60000,9,9.5,8,9,1.00000000000000002,10,10.5,9,10,0')[0]).toMatchObject({ start: 60_000, bid_low: '8', ask_high: '10.5' })
  })

  it.each([
    ['60000,9,9,9,9,1,8,9,8,9,1', 'bid_open 9 is above ask_open 8'],
    ['60000,9,8,9,9,1,10,10,10,10,1', 'bid_high 8 is below bid_low 9'],
    ['60000,9,9,9,9,1,10,10,10,11,1', 'ask_close 11 is above ask_high 10'],
    ['60000,9,9,9,9,x,10,10,10,10,1', 'bid_size must be a decimal number, not negative, was "x"'],
    ['60000,0,9,0,9,1,10,10,10,10,1', 'bid_open must be positive, was 0'],
  ])('refuses %s with file and line', (line, problem) => {
    expect(() => read(line)).toThrow(`file q.csv line 2: ${problem}`)
  })
})
