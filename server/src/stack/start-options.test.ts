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
    ['2018-04-05', 1_522_886_400_000],
    ['2018-04-05T02:00:00+02:00', 1_522_886_400_000],
    ['1522886400000', 1_522_886_400_000],
  ])('read --until %s as a market time', (text, milliseconds) => {
    expect(parseStartOptions({ until: text, replayFile: ['a.csv'] }).until).toBe(milliseconds)
  })

  it.each<[Readonly<Record<string, unknown>>, string]>([
    ...['fast', '', '0', '-1', '1e309', 'NaN', 'Infinity', '1e3', '0x10', '100001'].map(
      (speed) =>
        [{ speed }, `--speed must be max or a positive number such as 60, at most 100000, was "${speed}"`] satisfies [object, string],
    ),
    ...['abc', '', '1023', '70000', '17000.5', '0x4268', '1e4'].map(
      (portBase) => [{ portBase }, `--port-base must be a whole number from 1024 to 65530, was "${portBase}"`] satisfies [object, string],
    ),
    ...['x', '', '1.5', '1e5', 'NaN', '9999999999'].map(
      (seed) => [{ seed }, `--seed must be a whole number from -999999999 to 999999999, was "${seed}"`] satisfies [object, string],
    ),
    ...['5', 'tomorrow', '', '2018-04-05T12:00:00', '2018-13-45', '1e15', '99999999999999999999'].map(
      (until) =>
        [{ until }, `--until must be a market time such as 2018-04-05T12:00:00Z or milliseconds since 1970, was "${until}"`] satisfies [
          object,
          string,
        ],
    ),
    [{ runFor: '25d' }, '--run-for must be at most 24d'],
    [{ runFor: '-5s' }, '--run-for must be a time such as 60s, 5m or 2h, was "-5s"'],
    [{ runFor: '1e309s' }, '--run-for must be a time'],
    [{ market: 'casino' }, '--market must be simulated, replay or coinbase, was "casino"'],
    [{ model: '' }, '--model must be offline or vendor:model such as openai:gpt-4o, was ""'],
    [{ products: '' }, '--products must be a product such as BTC-USD, was ""'],
    [{ products: 'BTC-USD,,ETH-USD' }, '--products must be a product such as BTC-USD, was "BTC-USD,,ETH-USD"'],
    [{ runFor: 'soon' }, '--run-for must be a time'],
    [{ runFor: '0s' }, '--run-for must be longer than nothing'],
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

  it.each([
    ['max', 'max'],
    ['60', 60],
    ['0.5', 0.5],
  ])('read --speed %s', (text, speed) => {
    expect(parseStartOptions({ speed: text }).speed).toBe(speed)
  })

  it('read the number that a run is made from', () => {
    expect(parseStartOptions({ seed: '-7', portBase: '17000' })).toMatchObject({ seed: -7, portBase: 17_000 })
  })

  it('name every bad flag at once', () => {
    expect(() => parseStartOptions({ speed: 'x', seed: 'y' })).toThrow(/--speed[^]*--seed/)
  })
})
