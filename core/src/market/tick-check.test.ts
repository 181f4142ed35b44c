import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Tick } from '../contract/tick.ts'
import { checkTicks, startTickCheck } from './tick-check.ts'

const tickAt = (market_time: number, price = '100', changes: Record<string, unknown> = {}) => ({
  product: 'BTC-USD',
  market_time,
  price,
  bid: price,
  ask: price,
  volume: '1',
  candle_volume: '1',
  last_minute_notional: null,
  ...changes,
})
const limits = { clock: 10_000, toleranceMs: 500 }
const start = startTickCheck(['BTC-USD', 'ETH-USD'], new Map([['BTC-USD', { market_time: 1000, price: '100' }]]))
const reasons = (...raws: unknown[]) => checkTicks(start, raws, limits).quarantined.map((each) => each.reason)

describe('the tick check', () => {
  it('lets good ticks pass in order', () => {
    const ticks = [tickAt(2000), tickAt(3000, '101'), tickAt(2500, '7', { product: 'ETH-USD' })]
    expect(checkTicks(start, ticks, limits)).toMatchObject({ good: ticks, quarantined: [] })
  })

  it.each([
    ['DUPLICATE', 'a tick of market time 1000 was already taken', tickAt(1000)],
    ['LATE', 'market time 999 is 1 ms before the last tick', tickAt(999)],
    ['FUTURE', 'market time 10501 is 1 ms beyond what may be known', tickAt(10_501)],
    ['NON_POSITIVE_PRICE', 'price must be positive, was 0', tickAt(2000, '0')],
    ['NON_POSITIVE_PRICE', 'ask must be positive, was -3', tickAt(2000, '100', { ask: '-3' })],
    ['MALFORMED', 'price: must be a decimal', tickAt(2000, 'NaN')],
    ['MALFORMED', 'price: must be a decimal', tickAt(2000, '1e309')],
    ['MALFORMED', 'price: ', tickAt(2000, '100', { price: 100 })],
    ['MALFORMED', 'market_time: ', tickAt(2000, '100', { market_time: Number.NaN })],
    ['MALFORMED', 'tick: ', null],
    ['MALFORMED', 'tick: ', tickAt(2000, '100', { surprise: 1 })],
    ['UNKNOWN_PRODUCT', 'XRP-USD is not a product of this run', tickAt(2000, '100', { product: 'XRP-USD' })],
    ['UNKNOWN_PRODUCT', '__proto__ is not', tickAt(2000, '100', { product: '__proto__' })],
    ['CROSSED_QUOTE', 'bid 101 is above ask 100', tickAt(2000, '100', { bid: '101' })],
    ['ABSURD_PRICE', 'price 10000 is x100 away from the last good price 100', tickAt(2000, '10000')],
    ['ABSURD_PRICE', 'price 1 is x100 away from the last good price 100', tickAt(2000, '1')],
    ['ABSURD_PRICE', 'ask 10000 is x100 away from the price 100', tickAt(2000, '100', { ask: '10000' })],
  ])('quarantines as %s: %s', (reason, detail, raw) => {
    const { good, quarantined } = checkTicks(start, [raw], limits)
    expect(good).toEqual([])
    expect(quarantined).toEqual([expect.objectContaining({ reason, detail: expect.stringContaining(detail) })])
  })

  describe('of volumes', () => {
    const known = startTickCheck(['BTC-USD'], new Map([['BTC-USD', { market_time: 1000, price: '100', volume: '5' }]]))
    const judge = (...changes: Record<string, unknown>[]) =>
      checkTicks(
        known,
        changes.map((change, index) => tickAt(2000 + 1000 * index, '100', change)),
        limits,
      )

    it.each([
      ['MALFORMED', 'volume: ', { volume: '-1' }],
      ['MALFORMED', 'candle_volume: ', { candle_volume: 'NaN' }],
      ['MALFORMED', 'candle_volume: ', { candle_volume: '1e309' }],
      ['MALFORMED', 'last_minute_notional: ', { last_minute_notional: '-0.5' }],
      ['MALFORMED', 'volume: ', { volume: Number.POSITIVE_INFINITY }],
      ['ABSURD_VOLUME', 'a volume of 5000000 is x1.00e+6 the last one, 5', { candle_volume: '5000000' }],
      ['ABSURD_VOLUME', 'a volume of 5000000 ', { volume: '5000000' }],
      ['ABSURD_VOLUME', 'a volume of 5000000 ', { last_minute_notional: '500000000' }],
    ])('quarantines as %s: %s', (reason, detail, change) => {
      const { good, quarantined } = judge(change)
      expect(good).toEqual([])
      expect(quarantined).toEqual([expect.objectContaining({ reason, detail: expect.stringContaining(detail) })])
    })

    it('lets busy minutes pass, after quiet ones and after empty ones', () => {
      expect(
        judge({ candle_volume: '0.001' }, { candle_volume: '9000' }, { candle_volume: '0' }, { candle_volume: '80000' }).good,
      ).toHaveLength(4)
      expect(checkTicks(startTickCheck(['BTC-USD']), [tickAt(2000, '100', { candle_volume: '5000000' })], limits).good).toHaveLength(1)
    })

    it('does not believe one candle, however many ticks tell of it, but three that agree', () => {
      const huge = { candle_volume: '5000000' }
      const { good, quarantined } = judge(huge, huge, huge, huge, { candle_volume: '6' }, huge)
      expect(good.map((tick) => tick.candle_volume)).toEqual(['6'])
      expect(quarantined).toHaveLength(5)
      expect(judge(huge, { candle_volume: '6000000' }, { candle_volume: '4000000' }, huge).good.map((tick) => tick.candle_volume)).toEqual([
        '4000000',
        '5000000',
      ])
    })
  })

  it('takes no state from a refused tick: the next good one passes', () => {
    const { good } = checkTicks(start, [tickAt(9000, '0'), tickAt(10_501), tickAt(2000)], limits)
    expect(good.map((tick) => tick.market_time)).toEqual([2000])
  })

  it('believes a price half as high again at once, and a further one when the third tick confirms it', () => {
    expect(reasons(tickAt(2000, '150'))).toEqual([])
    const { good, check } = checkTicks(start, [tickAt(2000, '300'), tickAt(3000, '301'), tickAt(4000, '302')], limits)
    expect(good.map((tick) => tick.price)).toEqual(['302'])
    expect(checkTicks(check, [tickAt(5000, '303')], limits).quarantined).toEqual([])
  })

  it('does not believe a spike, nor ticks that disagree, nor a shifted decimal point however often', () => {
    expect(reasons(tickAt(2000, '300'), tickAt(3000, '301'), tickAt(4000, '100'), tickAt(5000, '300'))).toEqual(
      Array(3).fill('ABSURD_PRICE'),
    )
    expect(reasons(tickAt(2000, '300'), tickAt(3000, '400'), tickAt(4000, '300'))).toHaveLength(3)
    expect(reasons(...Array.from({ length: 20 }, (_, index) => tickAt(2000 + index, '10000')))).toHaveLength(20)
  })

  it('keeps the evidence, bounded', () => {
    const [refused] = checkTicks(start, [tickAt(2000, 'x'.repeat(9999))], limits).quarantined
    expect(refused).toMatchObject({ product: 'BTC-USD', market_time: 2000 })
    expect(refused?.raw).toHaveLength(500)
  })

  it('survives anything, and what it lets pass is ordered, positive, uncrossed and near the price before', () => {
    const strange = fc.oneof(fc.anything(), fc.constantFrom('0', '-1', 'NaN', '1e309', '', '100', '99.5', '10000', '1'))
    const fuzzed = fc.record({
      product: fc.oneof(fc.constantFrom('BTC-USD', 'ETH-USD'), strange),
      market_time: fc.oneof(fc.nat(12_000), strange),
      price: strange,
      bid: strange,
      ask: strange,
      volume: fc.constantFrom('0', '1', 'x'),
      candle_volume: fc.constant('1'),
      last_minute_notional: fc.constantFrom(null, '1'),
    })
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fuzzed,
            fc.anything(),
            fc.integer({ min: 1001, max: 12_000 }).map((time) => tickAt(time)),
          ),
        ),
        (raws) => {
          const { good, quarantined } = checkTicks(start, raws, limits)
          expect(good.length + quarantined.length).toBe(raws.length)
          const last = new Map<string, Tick>()
          for (const tick of good) {
            const before = last.get(tick.product)
            expect(tick.market_time).toBeGreaterThan(before?.market_time ?? (tick.product === 'BTC-USD' ? 1000 : -1))
            expect(tick.market_time).toBeLessThanOrEqual(10_500)
            expect(Number(tick.bid)).toBeGreaterThan(0)
            expect(Number(tick.ask)).toBeGreaterThanOrEqual(Number(tick.bid))
            if (before) expect(Math.abs(Math.log(Number(tick.price) / Number(before.price)))).toBeLessThan(Math.log(10))
            last.set(tick.product, tick)
          }
        },
      ),
      { numRuns: 500 },
    )
  })
})
