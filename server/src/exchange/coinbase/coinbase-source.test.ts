import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { type CoinbaseServer, startCoinbaseServer } from '../../../../test/support/coinbase-server.ts'
import { describeMarketSource } from '../market-source-cases.ts'
import type { MarketBatch, MarketNotice, MarketSource, RawTick } from '../market-source.ts'
import { coinbaseAddress } from './coinbase-address.ts'
import { openCoinbaseSource } from './coinbase-source.ts'

const timing = { silenceMs: 400, firstBackOffMs: 20, longestBackOffMs: 100 }
const open = (server: CoinbaseServer, products: readonly string[] = ['BTC-USD', 'ETH-USD']): Promise<MarketSource> =>
  openCoinbaseSource({ products, restUrl: server.restUrl, streamUrl: server.streamUrl, timing })

describe('with a server that sends tickers', () => {
  let server: CoinbaseServer
  beforeAll(async () => {
    server = await startCoinbaseServer({ tickerEveryMs: 20, heartbeatMs: 100 })
  })
  afterAll(() => server.close())

  describeMarketSource('coinbase', {
    products: ['BTC-USD', 'ETH-USD'],
    open: (products) => open(server, products),
    pace: 'stream',
    stepMs: 100,
  })
})

describe('the coinbase source', () => {
  let server: CoinbaseServer
  let source: MarketSource
  const start = async (products?: readonly string[]): Promise<void> => {
    server = await startCoinbaseServer({ heartbeatMs: 50 })
    source = await open(server, products)
    await until(source, (seen) => server.received.length >= 3 && seen.notices.some((notice) => notice.type === 'connected'))
  }
  afterEach(async () => {
    await source.close()
    await server.close()
  })

  it('subscribes to heartbeats, tickers and trades of its products', async () => {
    await start()
    expect(server.received).toEqual([
      { type: 'subscribe', channel: 'heartbeats' },
      { type: 'subscribe', channel: 'ticker', product_ids: ['BTC-USD', 'ETH-USD'] },
      { type: 'subscribe', channel: 'market_trades', product_ids: ['BTC-USD', 'ETH-USD'] },
    ])
  })

  it('gives a ticker as a tick with the volume traded since the one before and in the last full minute', async () => {
    await start()
    const minute = Date.now() - (Date.now() % 60_000)
    server.sendTrade({ product: 'BTC-USD', price: '100', size: '9', id: 1, time: minute + 60_000, type: 'snapshot' })
    server.sendTrade({ product: 'BTC-USD', price: '100', size: '1.5', id: 2, time: minute + 60_001 })
    server.sendTrade({ product: 'BTC-USD', price: '102', size: '0.5', id: 3, time: minute + 60_002 })
    server.sendTrade({ product: 'BTC-USD', price: '102', size: '0.5', id: 3, time: minute + 60_002 })
    server.sendTicker({ product: 'BTC-USD', price: '102', bid: '101', ask: '103', time: minute + 60_003 })
    server.sendTicker({ product: 'BTC-USD', price: '104', time: minute + 120_000 })
    const { ticks } = await until(source, (seen) => seen.ticks.length === 2)
    expect(ticks[0]).toMatchObject({ product: 'BTC-USD', market_time: minute + 60_003, price: '102', bid: '101', ask: '103', volume: '2' })
    expect(ticks[1]).toMatchObject({ volume: '0', candle_volume: '2', last_minute_notional: '201' })
  })

  it('makes one tick of several matches in a millisecond', async () => {
    await start()
    server.sendTrade({ product: 'BTC-USD', price: '100', size: '1', id: 1, time: 5000 })
    server.sendTicker({ product: 'BTC-USD', price: '100', time: 5000 })
    server.sendTrade({ product: 'BTC-USD', price: '101', size: '2', id: 2, time: 5000 })
    server.sendTicker({ product: 'ETH-USD', price: '7', time: 5000 })
    server.sendTicker({ product: 'BTC-USD', price: '101', time: 5000 })
    server.sendTicker({ product: 'BTC-USD', price: '102', time: 5001 })
    const { ticks } = await until(source, (seen) => seen.ticks.length === 3)
    expect(ticks.map(({ price, volume }) => [price, volume])).toEqual([
      ['101', '3'],
      ['7', '0'],
      ['102', '0'],
    ])
  })

  it('knows the volume of the last minute from the candles when it has just begun', async () => {
    await start()
    const minuteBefore = source.start - (source.start % 60_000) - 60_000
    const candles = await source.history({ products: ['BTC-USD'], until: source.start, minutes: 1 })
    const candle = candles.find(({ start }) => start === minuteBefore)
    server.sendTicker({ product: 'BTC-USD', price: '100', time: source.start })
    const { ticks } = await until(source, (seen) => seen.ticks.length === 1)
    expect(ticks[0]?.candle_volume).toBe(candle?.volume ?? '0')
    if (candle) expect(Number(ticks[0]?.last_minute_notional)).toBeCloseTo(Number(candle.close) * Number(candle.volume), 4)
  })

  it('tells of every lost message with the next that comes', async () => {
    await start()
    server.faults.loseMessages(3)
    for (let index = 0; index < 3; index += 1) server.sendTicker({ product: 'BTC-USD', price: '100' })
    const lostAt = Date.now()
    const { notices } = await until(source, (seen) => seen.notices.some((notice) => notice.type === 'sequence_gap'))
    expect(Date.now() - lostAt).toBeLessThan(1000)
    const gap = notices.find((notice) => notice.type === 'sequence_gap')
    expect((gap?.received ?? 0) - (gap?.expected ?? 0)).toBe(3)
  })

  it('connects again after a break, subscribes, and tells what it missed', async () => {
    await start()
    server.faults.disconnect()
    const { notices } = await until(
      source,
      (seen) => server.received.length >= 6 && seen.notices.some((notice) => notice.type === 'connected'),
    )
    expect(notices.map((notice) => notice.type)).toEqual(expect.arrayContaining(['disconnected', 'connected', 'time_gap']))
    server.sendTicker({ product: 'ETH-USD', price: '7' })
    expect((await until(source, (seen) => seen.ticks.length > 0)).ticks[0]).toMatchObject({ product: 'ETH-USD', price: '7' })
    expect(server.connections()).toBe(2)
  })

  it('takes a silent connection for a dead one', async () => {
    await start()
    server.faults.silence(true)
    const { notices } = await until(source, (seen) => seen.notices.some((notice) => notice.type === 'connected'))
    expect(notices[0]).toEqual({ type: 'disconnected', detail: 'silent for 400 ms' })
    server.faults.silence(false)
    server.sendTicker({ product: 'BTC-USD', price: '7' })
    await until(source, (seen) => seen.ticks.length > 0)
  })

  it('survives messages of any shape and keeps them as evidence', async () => {
    await start()
    const messages = ['{', '[]', 'null', '{"channel":"ticker"}', '{"type":"error","message":"no"}', `{"a":"${'x'.repeat(600)}"}`]
    for (const message of messages) server.sendText(message)
    server.sendTicker({ product: 'BTC-USD', price: 'NaN' })
    server.sendTicker({ product: 'BTC-USD', price: { nested: true } })
    const { ticks, notices } = await until(source, (seen) => seen.ticks.length === 2)
    const malformed = notices.filter((notice) => notice.type === 'malformed')
    expect(malformed).toHaveLength(messages.length)
    expect(malformed.every((notice) => notice.raw.length <= 500)).toBe(true)
    expect(ticks.map((tick) => tick.price)).toEqual(['NaN', { nested: true }])
  })

  it('gives the candles of the time since an older cursor', async () => {
    await start()
    const fresh = await open(server)
    const batch = await fresh.next({ cursor: fresh.start - 600_000, until: fresh.start - 599_000 })
    await fresh.close()
    const candles = batch.notices.flatMap((notice) => (notice.type === 'backfilled' ? notice.candles : []))
    expect(new Set(candles.map((candle) => candle.product))).toEqual(new Set(['BTC-USD', 'ETH-USD']))
    expect(batch.notices).toContainEqual({ type: 'time_gap', from: fresh.start - 600_000, to: expect.any(Number) })
    expect(batch.cursor).toBeGreaterThanOrEqual(fresh.start)
  })

  it('does not ask for the candles of a week', async () => {
    await start(['BTC-USD'])
    const fresh = await open(server, ['BTC-USD'])
    const { notices } = await fresh.next({ cursor: fresh.start - 604_800_000, until: fresh.start })
    await fresh.close()
    const candles = notices.flatMap((notice) => (notice.type === 'backfilled' ? notice.candles : []))
    expect(candles.length).toBeGreaterThan(220)
    expect(candles.length).toBeLessThanOrEqual(240)
  })

  it('leaves out a product that Coinbase does not know, and serves the others', async () => {
    server = await startCoinbaseServer({ heartbeatMs: 50 })
    server.faults.failCandles('ETH-USD', 404)
    source = await open(server)
    const { notices } = await until(source, () => server.received.length >= 3)
    expect(notices).toContainEqual({ type: 'product_failed', product: 'ETH-USD', detail: 'Coinbase does not know ETH-USD' })
    expect(server.received).toContainEqual({ type: 'subscribe', channel: 'ticker', product_ids: ['BTC-USD'] })
  })

  it('says so when candles cannot be read', async () => {
    await start()
    server.faults.failCandles('BTC-USD', 503)
    await expect(open(server)).rejects.toThrow('cannot read candles of BTC-USD from Coinbase')
  })

  it('has at most 349 candles in one request and all that were asked for', async () => {
    await start(['BTC-USD'])
    const asked = vi.spyOn(globalThis, 'fetch')
    const candles = await source.history({ products: ['BTC-USD'], until: source.start, minutes: 800 })
    expect(asked).toHaveBeenCalledTimes(3)
    asked.mockRestore()
    expect(candles.length).toBeGreaterThan(780)
    expect(new Set(candles.map((candle) => candle.start)).size).toBe(candles.length)
  })
})

describe('a Coinbase address', () => {
  it.each(['https://api.coinbase.com', 'http://127.0.0.1:9', 'http://[::1]:9', 'http://localhost:9'])('may be %s', (address) => {
    expect(coinbaseAddress(address, 'rest').href).toContain(address)
  })

  it.each([
    'http://api.coinbase.com',
    'https://coinbase.com.evil.example',
    'https://evilcoinbase.com',
    'https://10.0.0.1',
    'wss://api.coinbase.com',
    'x',
    'https://a:b@api.coinbase.com',
  ])('must not be %s', (address) => {
    expect(() => coinbaseAddress(address, 'rest')).toThrow('a Coinbase address must')
  })

  it('must be encrypted on the stream, but on loopback', () => {
    expect(coinbaseAddress('wss://advanced-trade-ws.coinbase.com', 'stream').protocol).toBe('wss:')
    expect(coinbaseAddress('ws://127.0.0.1:9', 'stream').protocol).toBe('ws:')
    expect(() => coinbaseAddress('ws://advanced-trade-ws.coinbase.com', 'stream')).toThrow('must be wss:')
  })
})

/** Batches of 50 ms, put together, until what was seen is enough. */
async function until(source: MarketSource, isEnough: (seen: Pick<MarketBatch, 'ticks' | 'notices'>) => boolean) {
  const ticks: RawTick[] = []
  const notices: MarketNotice[] = []
  for (let waited = 0; waited < 100; waited += 1) {
    const now = Date.now()
    const batch = await source.next({ cursor: now, until: now + 50 })
    ticks.push(...batch.ticks)
    notices.push(...batch.notices)
    if (isEnough({ ticks, notices })) return { ticks, notices }
  }
  throw new Error(`not seen within 5 s; saw ${JSON.stringify({ ticks, notices })}`)
}
