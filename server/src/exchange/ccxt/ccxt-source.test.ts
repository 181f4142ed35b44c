import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type CcxtFault, type CcxtServer, startCcxtServer } from '../../../../test/support/ccxt-server.ts'
import { describeMarketSource, take } from '../market-source-cases.ts'
import type { MarketBatch, MarketNotice, MarketSource, RawTick } from '../market-source.ts'
import { openMarketSource } from '../open-market-source.ts'
import { type CcxtOptions, openCcxtSource } from './ccxt-source.ts'

const timing = { pollMs: 400, firstBackOffMs: 20, longestBackOffMs: 100, timeoutMs: 5000 }
/** Waits shortly where a fault is to keep it waiting. */
const timingFor = (fault: CcxtFault): typeof timing => (fault === 'silent' || fault === 'stalled' ? { ...timing, timeoutMs: 800 } : timing)
const twoProducts = ['BTC-USD', 'ETH-USD'] as const
const open = (server: CcxtServer, options: Partial<CcxtOptions> = {}): Promise<MarketSource> =>
  openCcxtSource({ exchange: 'bitstamp', products: twoProducts, spreadBps: 2, urls: server.urls, timing, ...options })

describe('with an exchange that answers', () => {
  let server: CcxtServer
  beforeAll(async () => {
    server = await startCcxtServer()
  })
  afterAll(() => server.close())
  afterEach(() => server.fail('ETH-USD', null))

  describeMarketSource('ccxt', {
    products: twoProducts,
    open: (products) => open(server, { products }),
    pace: 'stream',
    stepMs: 100,
    spoil: async (_, product) => server.fail(product, 500),
  })
})

describe('the ccxt source', () => {
  let server: CcxtServer
  let source: MarketSource | undefined
  beforeEach(async () => {
    server = await startCcxtServer()
  })
  afterEach(async () => {
    await source?.close()
    source = undefined
    await server.close()
  })
  const start = async (options: Partial<CcxtOptions> = {}): Promise<MarketSource> => (source = await open(server, options))

  it('gives a ticker as a tick with exact amounts, at the time it came', async () => {
    server.setTicker('BTC-USD', { last: '0.10000000000000000001', bid: '1e-1', ask: '0.100000000000000001', timestamp: '5' })
    const { ticks } = await until(await start({ products: ['BTC-USD'] }), (seen) => seen.ticks.length > 0)
    expect(ticks[0]).toMatchObject({ product: 'BTC-USD', price: '0.1', bid: '0.1', ask: '0.100000000000000001' })
    expect(Math.abs(Date.now() - Number(ticks[0]?.market_time))).toBeLessThan(2000)
  })

  it('assumes the spread it was given where the exchange has no quote', async () => {
    server.setTicker('BTC-USD', { last: '100', bid: '0', ask: '0' })
    const { ticks } = await until(await start({ products: ['BTC-USD'], spreadBps: 20 }), (seen) => seen.ticks.length > 0)
    expect(ticks[0]).toMatchObject({ price: '100', bid: '99.9', ask: '100.1' })
  })

  it('knows the volume of the last minute from its candle', async () => {
    const opened = await start({ products: ['BTC-USD'] })
    const { ticks } = await until(opened, (seen) => seen.ticks.some((tick) => tick.candle_volume !== '0'))
    const candles = await opened.history({ products: ['BTC-USD'], until: Date.now(), minutes: 2 })
    expect(candles.map((candle) => candle.volume)).toContain(ticks.at(-1)?.candle_volume)
    expect(ticks.at(-1)?.last_minute_notional).toMatch(/^\d/)
  })

  it('asks for all products at once where single questions would be too many', async () => {
    const products = ['BTC-USD', 'ETH-USD', 'SOL-USD', 'ADA-USD']
    const opened = await start({ products })
    const seen = await until(opened, ({ ticks }) => new Set(ticks.map((tick) => tick.product)).size === products.length)
    expect(seen.notices).toContainEqual({ type: 'connected', detail: 'bitstamp answers' })
    expect(server.asked.filter((path) => /ticker\/.+/.test(path))).toEqual([])
  })

  it('asks alone for what the question about all products leaves out', async () => {
    const products = ['BTC-USD', 'ETH-USD', 'SOL-USD', 'ADA-USD']
    server.fail('SOL-USD', 500)
    const opened = await start({ products })
    const seen = await until(opened, ({ notices }) => notices.some((notice) => notice.type === 'product_failed'))
    const detail = 'bitstamp answers with status 500'
    expect(seen.notices).toContainEqual({ type: 'product_failed', product: 'SOL-USD', detail })
    expect(seen.ticks.some((tick) => tick.product === 'ADA-USD')).toBe(true)
    server.fail('SOL-USD', null)
    await until(opened, ({ ticks }) => ticks.some((tick) => tick.product === 'SOL-USD'))
    expect(server.asked.filter((path) => path === '/v2/ticker/ethusd/')).toEqual([])
  })

  it('asks for each product alone when the question about all of them has no good answer', async () => {
    const products = ['BTC-USD', 'ETH-USD', 'SOL-USD', 'ADA-USD']
    server.fail('', 'malformed')
    const opened = await start({ products })
    await until(opened, ({ ticks }) => new Set(ticks.map((tick) => tick.product)).size === products.length)
    await take(opened, 100, 10, Date.now())
    expect(server.asked.filter((path) => path === '/v2/ticker/')).toHaveLength(1)
  })

  it.each([
    ['500', 500, 'bitstamp answers with status 500'],
    ['429', 429, 'bitstamp wants fewer questions (status 429)'],
    ['no answer', 'silent', 'request timed out'],
    ['half an answer', 'stalled', 'aborted due to timeout'],
  ] as const)('after %s to all questions it is disconnected, until an answer comes', async (_, fault, detail) => {
    const opened = await start({ timing: timingFor(fault) })
    await until(opened, (seen) => seen.ticks.length > 0)
    server.fail('*', fault)
    const down = await until(opened, (seen) => seen.notices.some((notice) => notice.type === 'disconnected'))
    expect(down.notices.filter((notice) => notice.type === 'disconnected')).toHaveLength(1)
    expect(down.notices.find((notice) => notice.type === 'disconnected')?.detail).toContain(detail)
    expect(down.notices.some((notice) => notice.type === 'product_failed')).toBe(false)
    server.fail('*', null)
    const up = await until(opened, (seen) => new Set(seen.ticks.map((tick) => tick.product)).size === 2)
    expect(up.notices.map((notice) => notice.type)).toEqual(expect.arrayContaining(['connected', 'time_gap']))
  })

  it.each(['malformed', 'empty', 'silent', 500] as const)(
    'goes on with the others when one product is %s, and takes it back',
    async (fault) => {
      const opened = await start({ timing: timingFor(fault) })
      await until(opened, (seen) => seen.ticks.length > 0)
      server.fail('ETH-USD', fault)
      const failed = await until(
        opened,
        (seen) => seen.ticks.some((tick) => tick.product === 'BTC-USD') && seen.notices.some((notice) => notice.type === 'product_failed'),
      )
      expect(failed.notices.filter((notice) => notice.type === 'product_failed')).toMatchObject([{ product: 'ETH-USD' }])
      expect(failed.ticks.some((tick) => tick.product === 'BTC-USD')).toBe(true)
      expect(failed.notices.some((notice) => notice.type === 'disconnected')).toBe(false)
      if (fault === 'malformed') expect(failed.notices).toContainEqual(expect.objectContaining({ type: 'malformed' }))
      server.fail('ETH-USD', null)
      const back = await until(opened, (seen) => seen.ticks.some((tick) => tick.product === 'ETH-USD'))
      expect(back.notices).toContainEqual({ type: 'connected', detail: 'bitstamp answers for ETH-USD again' })
    },
  )

  it('says once per failure that the volume of the last minute is unknown', async () => {
    server.fail('ETH-USD', 500, 'ohlc')
    const { notices } = await until(await start(), (seen) => seen.notices.some((notice) => notice.type === 'backfill_failed'))
    expect(notices.filter((notice) => notice.type === 'backfill_failed')).toMatchObject([{ product: 'ETH-USD' }])
  })

  it('gives the candles of the time since an older cursor', async () => {
    const opened = await start()
    const first = await opened.next({ cursor: opened.start - 600_000, until: opened.start })
    const { notices } = await until(opened, (seen) => candlesIn(seen.notices).length >= 16, first)
    expect(notices).toContainEqual({ type: 'time_gap', from: opened.start - 600_000, to: opened.start })
    expect(new Set(candlesIn(notices).map((candle) => candle.product))).toEqual(new Set(twoProducts))
  })

  it('has all candles that were asked for, in pages', async () => {
    const opened = await start()
    const candles = await opened.history({ products: ['BTC-USD'], until: opened.start, minutes: 500 })
    expect(candles.length).toBeGreaterThan(480)
    expect(new Set(candles.map((candle) => candle.start)).size).toBe(candles.length)
    expect(server.asked.filter((path) => path.includes('ohlc')).length).toBeGreaterThanOrEqual(3)
  })

  it('leaves nothing open when it is closed, whatever it waits for', async () => {
    const opened = await start({ timing: { ...timing, timeoutMs: 60_000 } })
    server.fail('*', 'silent')
    await until(opened, () => server.openRequests() > 0)
    await opened.close()
    await expect.poll(() => server.openRequests()).toBe(0)
    const asked = server.asked.length
    await new Promise((resolve) => setTimeout(resolve, 3 * timing.pollMs))
    expect(server.asked.length).toBe(asked)
  })

  it('refuses a product that is not traded, and says which are', async () => {
    await expect(start({ products: ['BTC-USD', 'AVAX-USD'] })).rejects.toThrow(
      /^bitstamp does not trade AVAX-USD; of those known here it trades BTC-USD, ETH-USD/,
    )
  })

  it.each(['nosuch', 'constructor', 'Exchange', 'NetworkError', ''])(
    'refuses the exchange %j, and says which there are',
    async (exchange) => {
      await expect(start({ exchange })).rejects.toThrow(/^ccxt knows no exchange ".*"; it knows .*kraken/)
    },
  )

  it('refuses an exchange without tickers, and one that cannot be asked', async () => {
    await expect(start({ exchange: 'dydx' })).rejects.toThrow('dydx has no public tickers')
    await server.close()
    await expect(start()).rejects.toThrow('cannot read the markets of bitstamp')
  })
})

it('is opened by the market plan, which names the exchange', async () => {
  const source = { market: 'ccxt' as const, files: [], seed: 1, speed: 1, spread_bps: 2 }
  const request = { products: ['BTC-USD'], historical_minutes: 0 }
  await expect(openMarketSource({ ...request, source: { ...source, exchange: null } })).rejects.toThrow('needs the name of an exchange')
  await expect(openMarketSource({ ...request, source: { ...source, exchange: 'nosuch' } })).rejects.toThrow('knows no exchange "nosuch"')
})

function candlesIn(notices: readonly MarketNotice[]) {
  return notices.flatMap((notice) => (notice.type === 'backfilled' ? notice.candles : []))
}

/** Batches of 50 ms, put together, until what was seen is enough. */
async function until(
  source: MarketSource,
  isEnough: (seen: Pick<MarketBatch, 'ticks' | 'notices'>) => boolean,
  first: Pick<MarketBatch, 'ticks' | 'notices'> = { ticks: [], notices: [] },
) {
  const ticks: RawTick[] = [...first.ticks]
  const notices: MarketNotice[] = [...first.notices]
  for (let waited = 0; waited < 150; waited += 1) {
    const now = Date.now()
    const batch = await source.next({ cursor: now, until: now + 50 })
    ticks.push(...batch.ticks)
    notices.push(...batch.notices)
    if (isEnough({ ticks, notices })) return { ticks, notices }
  }
  throw new Error(`not seen within 7.5 s; saw ${JSON.stringify({ ticks: ticks.length, notices }).slice(0, 2000)}`)
}
