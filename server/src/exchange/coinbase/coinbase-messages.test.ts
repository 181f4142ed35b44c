import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readCoinbaseMessage } from './coinbase-messages.ts'

const ticker = {
  channel: 'ticker',
  timestamp: '2026-02-09T20:30:37.167359596Z',
  sequence_num: 7,
  events: [
    {
      type: 'update',
      tickers: [{ type: 'ticker', product_id: 'BTC-USD', price: '21932.98', best_bid: '21931.98', best_ask: '21933.98', volume_24_h: '1' }],
    },
  ],
}
const trade = { trade_id: '9', product_id: 'BTC-USD', price: '10', size: '0.5', side: 'BUY', time: '2026-02-09T20:30:37.2Z' }
const trades = {
  channel: 'market_trades',
  timestamp: '2026-02-09T20:30:38Z',
  sequence_num: 8,
  events: [{ type: 'update', trades: [trade, { ...trade, trade_id: '8', time: '2026-02-09T20:30:37.1Z' }] }],
}
const read = (message: unknown) => readCoinbaseMessage(JSON.stringify(message))

describe('a message of the Coinbase stream', () => {
  it('is read as tickers with the time of the message', () => {
    expect(read(ticker)).toMatchObject({
      type: 'tickers',
      sequence: 7,
      time: Date.UTC(2026, 1, 9, 20, 30, 37, 167),
      tickers: [{ product_id: 'BTC-USD', price: '21932.98' }],
    })
  })

  it('is read as trades, the oldest first; those of a snapshot are not new', () => {
    expect(read(trades)).toMatchObject({ type: 'trades', trades: [{ tradeId: '8' }, { tradeId: '9', size: '0.5' }] })
    expect(read({ ...trades, events: [{ type: 'snapshot', trades: [trade] }] })).toMatchObject({ type: 'trades', trades: [] })
  })

  it('counts when it is a heartbeat or of another channel', () => {
    expect(
      read({
        channel: 'heartbeats',
        client_id: '',
        timestamp: '2026-02-09T20:30:38Z',
        sequence_num: 3,
        events: [{ heartbeat_counter: 42 }],
      }),
    ).toEqual({ type: 'other', sequence: 3 })
  })

  it.each([
    ['not JSON', '{'],
    ['message of 1000001 characters', 'x'.repeat(1_000_001)],
    ['ticker of never', JSON.stringify({ ...ticker, timestamp: 'never' })],
    ['trade of an unknown shape', JSON.stringify({ ...trades, events: [{ type: 'update', trades: [{ ...trade, size: '1e309' }] }] })],
    ['trade of an unknown shape', JSON.stringify({ ...trades, events: [{ type: 'update', trades: [{ ...trade, time: 'x' }] }] })],
  ])('is malformed: %s', (detail, text) => {
    expect(readCoinbaseMessage(text)).toMatchObject({ type: 'malformed', detail })
  })

  it('never throws, whatever is cut out of it or put into it', () => {
    const damaged = fc
      .tuple(fc.constantFrom(JSON.stringify(ticker), JSON.stringify(trades)), fc.nat(400), fc.nat(60), fc.string({ maxLength: 20 }))
      .map(([text, from, length, inserted]) => text.slice(0, from) + inserted + text.slice(from + length))
    fc.assert(
      fc.property(fc.oneof(damaged, fc.json(), fc.string()), (text) => {
        expect(['tickers', 'trades', 'other', 'error', 'malformed']).toContain(readCoinbaseMessage(text).type)
      }),
      { numRuns: 2000 },
    )
  })
})
