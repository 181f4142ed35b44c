import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { candleCsv } from '@trader/core/market/candle-csv'
import { quoteCsv } from '@trader/core/market/quote-csv'
import { checkTicks, startTickCheck } from '@trader/core/market/tick-check'
import { describeMarketSource, take } from '../market-source-cases.ts'
import type { MarketSource } from '../market-source.ts'
import { openReplaySource } from './replay-source.ts'

const minute = 60_000
const start = 1_700_000_040_000
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'replay-'))
})
afterAll(async () => {
  await rm(folder, { recursive: true })
})

/** Minutes of a calm market; every seventh is missing. */
const candleRows = (count: number, base = 100): string[] =>
  Array.from({ length: count }, (_, index) => index)
    .filter((index) => index % 7 !== 3)
    .map((index) => {
      const open = base + Math.sin(index / 9)
      const close = base + Math.sin((index + 1) / 9)
      return [start + index * minute, open, Math.max(open, close) + 0.2, Math.min(open, close) - 0.1, close, 5 + (index % 3)]
        .map((value, column) => (column === 0 ? String(value) : value.toFixed(4)))
        .join(',')
    })

async function candleFile(name: string, rows: readonly string[]): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, [candleCsv.header, ...rows, ''].join('\n'))
  return path
}

const replay = (files: readonly string[], changes: { products?: readonly string[]; historicalMinutes?: number } = {}) =>
  openReplaySource({ files, historicalMinutes: 60, spreadBps: 2, ...changes })

describeMarketSource('replay', {
  products: ['BTC-USD', 'ETH-USD'],
  open: async (products) => {
    const dir = await mkdtemp(join(folder, 'cases-'))
    const files = [join(dir, 'x_BTC-USD_1m.csv'), join(dir, 'x_ETH-USD_1m.csv')]
    for (const file of files) await writeFile(file, [candleCsv.header, ...candleRows(3000), ''].join('\n'))
    const source = await replay(files, { products })
    folders.set(source, dir)
    return source
  },
  pace: 'stepped',
  stepMs: 45_000,
  spoil: async (source, product) => {
    await appendFile(join(folders.get(source) ?? '', `x_${product}_1m.csv`), 'x')
  },
})
const folders = new WeakMap<MarketSource, string>()

describe('the replay source', () => {
  it('gives each candle as four ticks and counts the notional of the one before', async () => {
    const source = await replay([await candleFile('a_BTC-USD_1m.csv', candleRows(201))], { historicalMinutes: 61 })
    expect(source).toMatchObject({ start: start + 61 * minute, endsAt: start + 201 * minute, timeframeMs: minute, products: ['BTC-USD'] })
    const { ticks } = await take(source, minute, 1)
    const row = candleRows(201)
      .find((line) => line.startsWith(String(source.start)))
      ?.split(',')
    const before = candleRows(201)
      .findLast((line) => Number(line.split(',')[0]) < source.start)
      ?.split(',')
    expect(ticks.map((tick) => tick.market_time)).toEqual([0, 20_000, 40_000, 59_999].map((offset) => source.start + offset))
    expect([ticks[0]?.price, ticks[3]?.price, ticks[0]?.candle_volume].map(Number)).toEqual([row?.[1], row?.[4], row?.[5]].map(Number))
    expect(Number(ticks[0]?.last_minute_notional)).toBeCloseTo(Number(before?.[4]) * Number(before?.[5]), 6)
    await source.close()
  })

  it('says after a gap that nothing was traded in the last minute', async () => {
    const source = await replay([await candleFile('g_BTC-USD_1m.csv', candleRows(201))])
    const { ticks } = await take(source, minute, 28)
    const isAfterGap = (time: unknown): boolean => Math.floor((Number(time) - start) / minute) % 7 === 4
    expect(ticks.filter((tick) => isAfterGap(tick.market_time))).toHaveLength(16)
    for (const tick of ticks) expect(tick.last_minute_notional === null).toBe(isAfterGap(tick.market_time))
    await source.close()
  })

  it('takes the whole file once in steps of any length', async () => {
    const source = await replay([await candleFile('b_BTC-USD_1m.csv', candleRows(1500))], { historicalMinutes: 0 })
    const { ticks, atEnd } = await take(source, 25_000, 3598)
    expect(atEnd).toBe(true)
    expect(ticks).toHaveLength((candleRows(1500).length - 1) * 4)
    await source.close()
  })

  it('uses quotes of the same minutes and the spread where there is none', async () => {
    const candles = await candleFile('c_BTC-USD_1m.csv', candleRows(70))
    const quotes = join(folder, 'quotes_BTC-USD_1m.csv')
    await writeFile(quotes, [quoteCsv.header, `${start + 60 * minute},99,99,99,99,1,101,101,101,101,1`].join('\n'))
    const source = await replay([quotes, candles])
    const { ticks } = await take(source, minute, 2)
    expect(ticks.slice(0, 4).map((tick) => [tick.bid, tick.ask])).toEqual(Array.from({ length: 4 }, () => ['99', '101']))
    expect(Number(ticks[4]?.ask) / Number(ticks[4]?.bid)).toBeCloseTo(1.0002, 6)
    const hashes = await Promise.all(
      [candles, quotes].map(async (path) =>
        createHash('sha256')
          .update(await readFile(path))
          .digest('hex'),
      ),
    )
    expect(source.fileHashes).toEqual(hashes.sort())
    await source.close()
  })

  it('has one daily candle as history however few minutes are asked for', async () => {
    const day = 86_400_000
    const source = await replay([
      await candleFile('d_BTC-USD_1d.csv', [`${day},1,2,1,2,3`, `${2 * day},2,3,2,3,3`, `${4 * day},3,3,3,3,1`]),
    ])
    expect(source).toMatchObject({ start: 2 * day, endsAt: 5 * day, timeframeMs: day })
    expect(await source.history({ products: ['BTC-USD'], until: source.start, minutes: 60 })).toMatchObject([
      { start: day, timeframe_ms: day },
    ])
    await source.close()
  })

  it('maps a file to the product it is told', async () => {
    const source = await replay([`sol/usd=${await candleFile('plain.csv', candleRows(70))}`])
    expect(source.products).toEqual(['SOL-USD'])
    await source.close()
  })

  it('names every bad file and line at once', async () => {
    const files = [
      await candleFile('e_BTC-USD_1m.csv', ['0,1,2,1,2,1', '60000,1,0.5,1,1,1']),
      await candleFile('f_ETH-USD_1m.csv', ['0,1,2,1,2,1', 'x']),
      await candleFile('g_XYZ-USD_1m.csv', ['0,1,2,1,2,1']),
      await candleFile('nothing.csv', ['0,1,2,1,2,1']),
      await candleFile('h_SOL-USD_1m.csv', []),
    ]
    await expect(replay(files)).rejects.toThrow(
      /^file e_BTC-USD_1m.csv line 3: high 0.5 is below low 1\nfile f_ETH-USD_1m.csv line 3: expected 6 columns, found 1\n.*XYZ-USD.*\nfile nothing.csv does not name its product.*\nfile h_SOL-USD_1m.csv has no rows/s,
    )
  })

  it('refuses files that do not go together', async () => {
    const [minutes, days] = [await candleFile('i_BTC-USD_1m.csv', candleRows(9)), await candleFile('i_ETH-USD_1d.csv', ['0,1,2,1,2,1'])]
    await expect(replay([minutes, days])).rejects.toThrow('one timeframe, found 1m, 1d')
    await expect(replay([minutes, minutes])).rejects.toThrow('two files of candles for BTC-USD')
    await expect(replay([])).rejects.toThrow('at least one candle file')
    await expect(replay([join(folder, 'absent_BTC-USD.csv')])).rejects.toThrow(`there is no file ${join(folder, 'absent_BTC-USD.csv')}`)
    await mkdir(join(folder, 'dir_BTC-USD.csv'))
    await expect(replay([join(folder, 'dir_BTC-USD.csv')])).rejects.toThrow('is not a file')
    const wrong = await candleFile('j_BTC-USD_1h.csv', candleRows(9))
    await expect(replay([await candleFile('k_BTC-USD.csv', ['0,1,2,1,2,1'])])).rejects.toThrow(
      'has one candle and no timeframe in its name',
    )
    await expect(replay([wrong])).rejects.toThrow('says 1h but has rows 60000 ms apart')
  })
})

const data = '../shared/data'
const real = ['BTC-USD', 'ETH-USD', 'LTC-USD'].map((product) => `coinbase_${product}_1m_2018-04-04_2018-04-05.csv`)
const present = [...real.map((name) => join(data, 'candles', name)), ...real.map((name) => join(data, 'quotes', name))].every(existsSync)

describe.skipIf(!present)(`recorded candles and quotes of ${data}`, () => {
  it('pass the tick check, whole', async () => {
    const source = await replay([...real.map((name) => join(data, 'candles', name)), ...real.map((name) => join(data, 'quotes', name))])
    const { ticks, cursor } = await source.next({ cursor: source.start, until: source.endsAt ?? 0 })
    const { good, quarantined } = checkTicks(startTickCheck(source.products), ticks, { clock: cursor, toleranceMs: 0 })
    expect(quarantined).toEqual([])
    expect(good.length).toBeGreaterThan(28_000)
    await source.close()
  })
})
