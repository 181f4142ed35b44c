import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import pg from 'pg'
import { candle as candleShape } from '@trader/core/contract/candle'
import { tick as tickShape, type Tick } from '@trader/core/contract/tick'
import type { Pool } from '@trader/server/database/pool'
import { eventsSince } from '@trader/server/database/queries/events-since'
import { insertCandles } from '@trader/server/database/queries/insert-candles'
import { insertPaperFills } from '@trader/server/database/queries/insert-paper-fills'
import { insertTicks } from '@trader/server/database/queries/insert-ticks'
import { latestTicks } from '@trader/server/database/queries/latest-ticks'
import { listCandles } from '@trader/server/database/queries/list-candles'
import { listPaperFills } from '@trader/server/database/queries/list-paper-fills'
import { pruneTicks } from '@trader/server/database/queries/prune-ticks'
import { listQuarantinedTicks, quarantineTick } from '@trader/server/database/queries/quarantine-tick'
import { recordFill } from '@trader/server/database/queries/record-fill'
import { reserveOrders } from '@trader/server/database/queries/reserve-orders'
import { listTicks, ticksSince } from '@trader/server/database/queries/ticks-since'
import { sequenceEvents } from '@trader/server/database/event-sequencer'
import { createDatabase } from '../support/postgres.ts'
import { batch, newOrder, newRun, posting, sendOrder, toReserve } from './book.ts'

let pool: Pool
let url: string
beforeAll(async () => {
  ;({ pool, url } = await createDatabase(inject('postgresUrl')))
})
afterAll(() => pool.end())

const minute = 60_000

function tick(time: number, price: string, change: Partial<Tick> = {}): Tick {
  const quote = { bid: price, ask: price, volume: '1', candle_volume: '10', last_minute_notional: null }
  return { product: 'BTC-USD', market_time: time, price, ...quote, ...change }
}

describe('ticks', () => {
  it('are stored once, notified once per batch and read by their cursor', async () => {
    const runId = await newRun(pool)
    const heard: string[] = []
    const listener = new pg.Client({ connectionString: url })
    await listener.connect()
    listener.on('notification', (message) => heard.push(message.payload ?? ''))
    await listener.query('listen tick')
    const ticks = [tick(minute, '100'), tick(minute + 1000, '101.5', { last_minute_notional: '5000.25' })]
    const first = await insertTicks(pool, { runId, ticks })
    expect(first.stored).toBe(2)
    expect(await insertTicks(pool, { runId, ticks: [...ticks, tick(minute + 2000, '99')] })).toMatchObject({ stored: 1 })
    expect(await insertTicks(pool, { runId, ticks })).toMatchObject({ stored: 0 })
    await listener.query('select 1')
    await listener.end()
    expect(heard).toHaveLength(2)
    expect(JSON.parse(heard[0] ?? '')).toEqual({ run_id: runId, first: first.first_seq, last: first.last_seq })
    const stored = await ticksSince(pool, { since: 0, runId })
    expect(stored.map((each) => tickShape.parse(each.tick).price)).toEqual(['100', '101.5', '99'])
    expect(await ticksSince(pool, { since: stored[1]?.seq ?? 0, runId })).toHaveLength(1)
    expect((await listTicks(pool, { runId, product: 'BTC-USD', limit: 2 })).map((each) => each.price)).toEqual(['101.5', '99'])
    expect(await listTicks(pool, { runId, product: 'BTC-USD', to: minute + 1000 })).toEqual([ticks[0]])
  })

  it('name the latest of each product, before a time where one is given', async () => {
    const runId = await newRun(pool, { products: ['BTC-USD', 'ETH-USD', 'SOL-USD'] })
    await insertTicks(pool, { runId, ticks: [tick(1, '10'), tick(5, '11'), tick(3, '2', { product: 'ETH-USD' })] })
    expect((await latestTicks(pool, { runId })).map(({ product, price }) => [product, price])).toEqual([
      ['BTC-USD', '11'],
      ['ETH-USD', '2'],
    ])
    expect((await latestTicks(pool, { runId, before: 3 })).map(({ product, price }) => [product, price])).toEqual([['BTC-USD', '10']])
  })

  it('keep one-minute candles up to date, whatever the order of batches, and stay after the ticks are pruned', async () => {
    const runId = await newRun(pool)
    await insertTicks(pool, { runId, ticks: [tick(minute + 10, '100'), tick(minute + 20, '105')] })
    await insertTicks(pool, {
      runId,
      ticks: [tick(minute + 5, '98'), tick(minute + 30, '103', { volume: '2.5' }), tick(2 * minute, '110')],
    })
    await insertTicks(pool, { runId, ticks: [tick(minute + 30, '103', { volume: '2.5' })] })
    const candles = await listCandles(pool, { runId, product: 'BTC-USD', timeframeMs: minute })
    expect(candles.map((each) => candleShape.parse(each))).toEqual([
      { product: 'BTC-USD', start: minute, timeframe_ms: minute, open: '98', high: '105', low: '98', close: '103', volume: '5.5' },
      { product: 'BTC-USD', start: 2 * minute, timeframe_ms: minute, open: '110', high: '110', low: '110', close: '110', volume: '1' },
    ])
    expect(await listCandles(pool, { runId, product: 'BTC-USD', timeframeMs: 5 * minute })).toMatchObject([
      { start: 0, open: '98', high: '110', close: '110', volume: '6.5' },
    ])
    expect(await listCandles(pool, { runId, product: 'BTC-USD', timeframeMs: minute, to: 2 * minute })).toHaveLength(1)
    expect(await pruneTicks(pool, { before: 8_000_000_000_000, limit: 2 })).toBe(2)
    expect(await listCandles(pool, { runId, product: 'BTC-USD', timeframeMs: minute })).toHaveLength(2)
  })

  it('history is loaded once and feeds longer candles', async () => {
    const runId = await newRun(pool)
    const hour = { product: 'BTC-USD', timeframe_ms: 60 * minute, start: 0, open: '1', high: '3', low: '0.5', close: '2', volume: '7' }
    await insertCandles(pool, { runId, candles: [hour] })
    await insertCandles(pool, { runId, candles: [{ ...hour, close: '3' }] })
    expect(await listCandles(pool, { runId, product: 'BTC-USD', timeframeMs: 60 * minute })).toEqual([hour])
    expect(await listCandles(pool, { runId, product: 'BTC-USD', timeframeMs: minute })).toEqual([])
  })

  it('that may not price an order are kept apart, once, with an event', async () => {
    const runId = await newRun(pool)
    const bad = {
      quarantine_id: `${runId}-1`,
      run_id: runId,
      product: 'BTC-USD',
      reason: 'CROSSED_QUOTE' as const,
      detail: 'bid 5 above ask 4',
      raw: { bid: 5 },
      market_time: 9,
    }
    await quarantineTick(pool, bad)
    await quarantineTick(pool, bad)
    expect(await listQuarantinedTicks(pool, { runId })).toEqual([bad])
    await sequenceEvents(pool)
    expect(await eventsSince(pool, { since: 0, runId, types: ['tick_quarantined'] })).toHaveLength(1)
  })
})

describe('paper fills', () => {
  it('are one per order and tick, and show what the ledger has not booked', async () => {
    const runId = await newRun(pool)
    const order = newOrder(runId, { origin: 'a' })
    await reserveOrders(pool, batch(runId, 'a', [toReserve(order)]))
    await sendOrder(pool, order)
    const facts = posting({ order, quantity: '0.004', price: '60000', fee: '1.44' })
    await insertPaperFills(pool, [facts.fill])
    const again = posting({ order, quantity: '0.004', price: '60000', fee: '1.44', tradeId: '2' }).fill
    await insertPaperFills(pool, [facts.fill, again])
    expect(await listPaperFills(pool, { runId })).toEqual([facts.fill])
    expect(await listPaperFills(pool, { runId, unbooked: true })).toEqual([facts.fill])
    await recordFill(pool, facts)
    expect(await listPaperFills(pool, { runId, unbooked: true })).toEqual([])
    expect(await listPaperFills(pool, { runId, orderId: order.order_id })).toHaveLength(1)
  })
})
