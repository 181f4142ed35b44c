import { UriTemplate } from '@modelcontextprotocol/server'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { uriMatcher } from './uri-template.ts'

const candles = uriMatcher('trader://market/{symbol}/candles{?tf,limit}')

describe('a URI', () => {
  it.each([
    ['trader://market/BTC-USD/candles', { symbol: 'BTC-USD' }],
    ['trader://market/BTC%2FUSD/candles', { symbol: 'BTC/USD' }],
    ['trader://market/BTC-USD/candles?tf=1h&limit=5', { symbol: 'BTC-USD', tf: '1h', limit: '5' }],
    ['trader://market/BTC-USD/candles?limit=5', { symbol: 'BTC-USD', limit: '5' }],
    ['trader://market/BTC-USD/candles?limit=5&tf=1h', { symbol: 'BTC-USD', tf: '1h', limit: '5' }],
  ])('%s has its values', (uri, values) => {
    expect(candles(uri)).toEqual(values)
  })

  it.each([
    'trader://market/BTC-USD/candles/more',
    'trader://market/BTC/USD/candles',
    'trader://market//candles',
    'trader://market/BTC-USD/candles?since=1',
    'trader://market/BTC-USD/candles?tf=1h&tf=1d',
    'trader://market/%zz/candles',
    'TRADER://market/BTC-USD/candles',
    `trader://market/${'x'.repeat(600)}/candles`,
    '',
  ])('%j is of another template', (uri) => {
    expect(candles(uri)).toBeNull()
  })

  it('made from a template by the SDK is read back', () => {
    const text = 'trader://traces/{correlation_id}/of/{day}{?tf}'
    const template = new UriTemplate(text)
    const value = fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }).filter((each) => encodeURIComponent(each).length < 100)
    fc.assert(
      fc.property(value, value, value, (id, day, tf) => {
        const values = { correlation_id: id, day, tf }
        expect(uriMatcher(text)(template.expand(values))).toEqual(values)
      }),
    )
  })
})
