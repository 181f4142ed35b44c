import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type CcxtServer, startCcxtServer } from '../../../test/support/ccxt-server.ts'
import { type CcxtVenue, openCcxtVenue } from '../exchange/ccxt/ccxt-venue.ts'
import { catalogueFile, catalogueFolder, listCatalogue } from './catalogue.ts'
import { fetchCandles, type FetchOptions } from './fetch-candles.ts'
import { resampled } from './write-candles.ts'

const minuteMs = 60_000
const from = Date.UTC(2024, 0, 1)

describe('a download of candles', () => {
  let server: CcxtServer
  let venue: CcxtVenue
  let dataDir: string
  let path: string
  beforeEach(async () => {
    server = await startCcxtServer()
    const signal = new AbortController().signal
    venue = await openCcxtVenue({ name: 'bitstamp', timeoutMs: 5000, signal, urls: server.urls }, ['BTC-USD'])
    dataDir = mkdtempSync(join(tmpdir(), 'fetch-'))
    path = join(catalogueFolder(dataDir), 'bitstamp_BTC-USD_1m.csv')
  })
  afterEach(async () => {
    rmSync(dataDir, { recursive: true })
    await server.close()
  })
  const fetchTo = (minutes: number, options: Partial<FetchOptions> = {}) =>
    fetchCandles({ venue, product: 'BTC-USD', from, to: from + minutes * minuteMs, path, pausesMs: [], ...options })
  const questions = (): number => server.asked.filter((asked) => asked.includes('ohlc')).length

  it('asks page by page and keeps every minute once', async () => {
    const { rows, gaps, kept } = await fetchTo(450)
    expect(rows.map(({ start }) => start)).toEqual(Array.from({ length: 450 }, (_, index) => from + index * minuteMs))
    expect([gaps, kept, questions()]).toEqual([[], 0, 3])
    expect(await listCatalogue(dataDir)).toEqual([
      {
        name: 'bitstamp_BTC-USD_1m',
        product: 'BTC-USD',
        timeframe: '1m',
        rows: 450,
        first: from,
        last: from + 449 * minuteMs,
        gaps: 0,
        missing: 0,
        problems: 0,
        error: null,
      },
    ])
  })

  it('goes on behind the last whole line, and a line that was torn is fetched again', async () => {
    const whole = (await fetchTo(30)).rows
    const lines = readFileSync(path, 'utf8').split('\n')
    writeFileSync(path, `${lines.slice(0, 11).join('\n')}\n${(lines[11] ?? '').slice(0, 20)}`)
    const again = await fetchTo(30)
    expect(again.kept).toBe(10)
    expect(again.rows).toEqual(whole)
    const asked = questions()
    expect((await fetchTo(30)).kept).toBe(30)
    expect(questions()).toBe(asked)
  })

  it('tells the gaps', async () => {
    await fetchTo(3)
    appendFileSync(path, `${from + 10 * minuteMs},1,1,1,1,0\n`)
    const { gaps } = await fetchTo(12)
    expect(gaps).toEqual([{ line: 5, from: from + 3 * minuteMs, to: from + 10 * minuteMs, missing: 7 }])
  })

  it('tries again where the fault may pass, then ends as a dependency that is down and keeps what it has', async () => {
    await fetchTo(5)
    server.fail('BTC-USD', 500, 'ohlc')
    const asked = questions()
    await expect(fetchTo(10, { pausesMs: [1, 1] })).rejects.toMatchObject({
      exitCode: 4,
      message: expect.stringContaining('bitstamp gave no candles'),
    })
    expect(questions() - asked).toBe(3)
    server.fail('BTC-USD', null, 'ohlc')
    expect(await fetchTo(10)).toMatchObject({ kept: 5, gaps: [] })
  })

  it('refuses a start before what the file has', async () => {
    await fetchTo(2)
    await expect(fetchTo(2, { from: from - minuteMs })).rejects.toThrow('begins at 2024-01-01T00:00:00.000Z')
  })

  it('is found in the catalogue by name, and nowhere else', async () => {
    await fetchTo(1)
    expect(catalogueFile(dataDir, 'bitstamp_BTC-USD_1m')).toBe(path)
    expect(catalogueFile(dataDir, 'bitstamp_BTC-USD_1m.csv')).toBe(path)
    expect([catalogueFile(dataDir, '../x'), catalogueFile(dataDir, 'other')]).toEqual([null, null])
  })

  it('makes longer candles, the last only where its span is over', async () => {
    const { rows } = await fetchTo(12)
    const five = resampled(rows, { product: 'BTC-USD', fromMs: minuteMs, toMs: 5 * minuteMs })
    expect(five.map(({ start }) => start)).toEqual([from, from + 5 * minuteMs])
    expect(five[0]).toMatchObject({ open: rows[0]?.open, close: rows[4]?.close })
  })
})
