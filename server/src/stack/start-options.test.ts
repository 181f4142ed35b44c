import { describe, expect, it } from 'vitest'
import { parseStartOptions } from './start-options.ts'

describe('the options of a start', () => {
  it('trade BTC-USD and ETH-USD on the simulated market when nothing is said', () => {
    expect(parseStartOptions({})).toMatchObject({ market: 'simulated', products: ['BTC-USD', 'ETH-USD'], speed: 1, chat: true, seed: 1 })
  })

  it('take replay files as the wish for a replay', () => {
    expect(parseStartOptions({ replayFile: ['a.csv'] })).toMatchObject({ market: 'replay', replayFiles: ['a.csv'] })
  })

  it('accept products with a slash and in lower case', () => {
    expect(parseStartOptions({ products: 'btc/usd,DOGE-USD' }).products).toEqual(['BTC-USD', 'DOGE-USD'])
  })

  it.each([
    ['60s', 60_000],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['30', 30_000],
    ['250ms', 250],
  ])('read --run-for %s as %i ms', (text, milliseconds) => {
    expect(parseStartOptions({ runFor: text }).runForMs).toBe(milliseconds)
  })

  it.each([
    ['2018-04-05T00:00:00Z', 1_522_886_400_000],
    ['1522886400000', 1_522_886_400_000],
  ])('read --until %s as a market time', (text, milliseconds) => {
    expect(parseStartOptions({ until: text, replayFile: ['a.csv'] }).until).toBe(milliseconds)
  })

  it.each([
    [{ speed: 'fast' }, '--speed must be max or a positive number such as 60, was "fast"'],
    [{ runFor: 'soon' }, '--run-for must be a time'],
    [{ runFor: '0s' }, '--run-for must be longer than nothing'],
    [{ until: 'tomorrow' }, '--until must be a market time'],
    [{ products: 'BTC' }, '--products must be a product such as BTC-USD'],
    [{ products: 'BTC-USD,btc/usd' }, 'names one product twice'],
    [{ model: 'gpt' }, '--model must be offline or vendor:model'],
    [{ portBase: '80' }, '--port-base'],
    [{ market: 'replay' }, 'needs --replay-file'],
    [{ market: 'coinbase', replayFile: ['a.csv'] }, 'goes with --market replay only'],
    [{ market: 'coinbase', speed: '2' }, 'a live one has its own'],
    [{ runFor: '5s', speed: 'max' }, 'use --until'],
    [{ runFor: '5s', until: '2018-04-05T00:00:00Z' }, 'not both'],
  ])('refuse %j', (flags, message) => {
    expect(() => parseStartOptions(flags)).toThrow(message)
  })

  it('name every bad flag at once', () => {
    expect(() => parseStartOptions({ speed: 'x', seed: 'y' })).toThrow(/--speed[^]*--seed/)
  })
})
