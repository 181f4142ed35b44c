import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { venueFill as venueFillSchema } from '../contract/fill.ts'
import type { Tick } from '../contract/tick.ts'
import { findProduct } from '../market/product.ts'
import { decimal, sum, toText, zero, type Decimal } from '../money/decimal.ts'
import { emptyMatchState, type MatchState } from './candle-capacity.ts'
import { fillFee } from './fee.ts'
import type { MatchOutcome } from './match-outcome.ts'
import { matchTick } from './match-tick.ts'
import { wakeOrder, type OpenOrder } from './open-order.ts'
import { orderId } from './order-id.ts'
import { marketImpact } from './slippage.ts'
import { venueFill } from './venue-fill.ts'

const found = findProduct('BTC-USD')
if (found === undefined) throw new Error('BTC-USD is missing')
const product = found
const minute = 60_000

const tickAt = (marketTime: number, overrides: Partial<Tick> = {}): Tick => ({
  product: 'BTC-USD',
  market_time: marketTime,
  price: '100',
  bid: '99.99',
  ask: '100.01',
  volume: '1',
  candle_volume: '1000',
  last_minute_notional: '10000',
  ...overrides,
})

const orderOf = (overrides: Partial<OpenOrder> = {}): OpenOrder => ({
  orderId: orderId('test', 0),
  parentOrderId: null,
  side: 'BUY',
  type: 'market',
  timeInForce: 'IOC',
  isArmed: false,
  quantity: decimal('1'),
  filledQuantity: zero,
  fillCount: 0,
  limitPrice: null,
  stopPrice: null,
  takeProfit: null,
  activeFrom: 0,
  expiresAt: null,
  liquidity: null,
  ...overrides,
})

const limit = (side: 'BUY' | 'SELL', price: string, overrides: Partial<OpenOrder> = {}): OpenOrder =>
  orderOf({ side, type: 'limit', timeInForce: 'GTC', limitPrice: decimal(price), ...overrides })

/** Runs ticks one after the other, as a venue does. */
function run(
  orders: readonly OpenOrder[],
  ticks: readonly Tick[],
): { outcomes: MatchOutcome[]; open: readonly OpenOrder[]; state: MatchState } {
  let open = orders
  let state = emptyMatchState
  const outcomes: MatchOutcome[] = []
  for (const tick of ticks) {
    const result = matchTick({ orders: open, tick, product, timeframeMs: minute, state })
    outcomes.push(...result.outcomes)
    open = result.orders
    state = result.state
  }
  return { outcomes, open, state }
}

const fills = (outcomes: readonly MatchOutcome[]) => outcomes.filter((outcome) => outcome.type === 'fill')
const summary = (outcomes: readonly MatchOutcome[]): string[] =>
  outcomes.map((outcome) => {
    if (outcome.type === 'fill') return `${toText(outcome.quantity)} @ ${toText(outcome.price)} ${outcome.liquidity}`
    return outcome.type === 'closed' ? outcome.state : 'triggered'
  })

describe('market orders', () => {
  it('buy at the ask plus impact, sell at the bid minus impact', () => {
    // 1 x 100 of 10,000 in the last minute: sqrt(0.01) x 10 bps = 1 bps.
    const quiet = { ask: '100', bid: '100' }
    expect(summary(run([orderOf()], [tickAt(0, quiet)]).outcomes)).toEqual(['1 @ 100.01 taker', 'FILLED'])
    expect(summary(run([orderOf({ side: 'SELL' })], [tickAt(0, quiet)]).outcomes)).toEqual(['1 @ 99.99 taker', 'FILLED'])
  })

  it('pay the half spread once', () => {
    const [fill] = fills(run([orderOf()], [tickAt(0, { ask: '101', bid: '99', last_minute_notional: '1000000000000' })]).outcomes)
    expect(fill?.price.toNumber()).toBeCloseTo(101, 4)
  })

  it('fill from the first tick at or after their time, never before', () => {
    const ticks = [tickAt(24_999), tickAt(25_000)]
    expect(run([orderOf({ activeFrom: 25_000 })], ticks).outcomes.map((outcome) => outcome.marketTime)).toEqual([25_000, 25_000])
    expect(run([orderOf({ activeFrom: 25_001 })], ticks).outcomes).toEqual([])
  })

  it('take a tenth of the candle and cancel the rest when IOC', () => {
    const { outcomes } = run([orderOf({ quantity: decimal('3') })], [tickAt(0, { candle_volume: '20' })])
    expect(summary(outcomes)).toEqual([expect.stringMatching(/^2 @ /), 'CANCELLED'])
    expect(outcomes.at(-1)).toMatchObject({ reason: 'IOC: 1 of 3 did not fill at the first tick' })
  })

  it('are cancelled unfilled where nothing was traded', () => {
    expect(summary(run([orderOf()], [tickAt(0, { candle_volume: '0' })]).outcomes)).toEqual(['CANCELLED'])
  })

  it('share one tenth of a candle, first come first served, and get a new tenth in the next', () => {
    const orders = [0, 1].map((leg) => orderOf({ orderId: orderId('test', leg), timeInForce: 'GTC', quantity: decimal('3') }))
    const volume = { candle_volume: '40' }
    const { outcomes } = run(orders, [tickAt(0, volume), tickAt(20_000, volume), tickAt(minute, volume)])
    expect(fills(outcomes).map((fill) => [fill.order.orderId === orders[0]?.orderId ? 0 : 1, toText(fill.quantity), fill.tradeId])).toEqual(
      [
        [0, '3', '1'],
        [1, '1', '1'],
        [1, '2', '2'],
      ],
    )
  })

  it('fill all or nothing when FOK', () => {
    const order = orderOf({ timeInForce: 'FOK', quantity: decimal('3') })
    expect(summary(run([order], [tickAt(0, { candle_volume: '29' })]).outcomes)).toEqual(['CANCELLED'])
    expect(summary(run([order], [tickAt(0, { candle_volume: '30' })]).outcomes)).toEqual([expect.stringMatching(/^3 @ /), 'FILLED'])
  })

  it('expire at their time', () => {
    const order = orderOf({ timeInForce: 'GTC', expiresAt: 30_000 })
    const dry = { candle_volume: '0' }
    expect(summary(run([order], [tickAt(0, dry), tickAt(29_999, dry), tickAt(30_000)]).outcomes)).toEqual(['EXPIRED'])
  })
})

describe('limit orders', () => {
  it('that are within reach at their first tick take, with impact but never beyond the limit', () => {
    const quiet = { ask: '100', bid: '100' }
    expect(summary(run([limit('BUY', '105')], [tickAt(0, quiet)]).outcomes)).toEqual(['1 @ 100.01 taker', 'FILLED'])
    expect(summary(run([limit('BUY', '100.001')], [tickAt(0, quiet)]).outcomes)).toEqual(['1 @ 100.001 taker', 'FILLED'])
    expect(summary(run([limit('SELL', '99.999')], [tickAt(0, quiet)]).outcomes)).toEqual(['1 @ 99.999 taker', 'FILLED'])
  })

  it('that rest make, at the limit, once the other side of the book reaches it', () => {
    const ticks = [tickAt(0), tickAt(1000, { ask: '98.01', bid: '97.99' }), tickAt(2000, { ask: '97', bid: '96.9' })]
    expect(summary(run([limit('BUY', '98')], ticks).outcomes)).toEqual(['1 @ 98 maker', 'FILLED'])
    expect(summary(run([limit('BUY', '98')], [tickAt(0), tickAt(1000, { ask: '98' })]).outcomes)).toEqual(['1 @ 98 maker', 'FILLED'])
    expect(summary(run([limit('SELL', '101')], [tickAt(0), tickAt(1000, { bid: '101', ask: '101.1' })]).outcomes)).toEqual([
      '1 @ 101 maker',
      'FILLED',
    ])
  })

  it('stay takers until filled, so that waiting a tick saves no fee', () => {
    const volume = { candle_volume: '5' }
    const { outcomes } = run([limit('BUY', '105')], [tickAt(0, volume), tickAt(minute, volume)])
    expect(fills(outcomes).map((fill) => fill.liquidity)).toEqual(['taker', 'taker'])
  })

  it('out of reach are cancelled at once when IOC', () => {
    const order = limit('BUY', '98', { timeInForce: 'IOC' })
    expect(summary(run([order], [tickAt(0), tickAt(1000, { ask: '97' })]).outcomes)).toEqual(['CANCELLED'])
  })
})

describe('exits', () => {
  const stop = orderOf({ side: 'SELL', type: 'stop', timeInForce: 'GTC', isArmed: true, stopPrice: decimal('95'), parentOrderId: 'entry' })
  const takeProfit = orderOf({
    ...stop,
    orderId: orderId('test', 1),
    type: 'take_profit',
    stopPrice: null,
    takeProfit: decimal('110'),
  })

  it('wake when the bid reaches their price, not before', () => {
    expect(run([stop, takeProfit], [tickAt(0, { bid: '95.01' }), tickAt(1, { bid: '109.99', ask: '110.5' })]).outcomes).toEqual([])
    expect(summary(run([stop], [tickAt(0, { bid: '95' })]).outcomes)).toEqual(['triggered'])
    expect(summary(run([takeProfit], [tickAt(0, { bid: '110' })]).outcomes)).toEqual(['triggered'])
  })

  it('cancel their sibling when one wakes, whichever comes first in the list', () => {
    for (const orders of [
      [stop, takeProfit],
      [takeProfit, stop],
    ]) {
      const { outcomes, open } = run(orders, [tickAt(0, { bid: '110' })])
      expect(summary(outcomes).sort()).toEqual(['CANCELLED', 'triggered'])
      expect(open.map((order) => order.type)).toEqual(['take_profit'])
    }
  })

  it('fill only after the tick that woke them', () => {
    const first = matchTick({ orders: [stop], tick: tickAt(0, { bid: '95' }), product, timeframeMs: minute, state: emptyMatchState })
    const awake = first.orders.map((order) => wakeOrder(order, 0))
    const same = matchTick({ orders: awake, tick: tickAt(0, { bid: '95' }), product, timeframeMs: minute, state: emptyMatchState })
    expect(same.outcomes).toEqual([])
    const next = matchTick({ orders: awake, tick: tickAt(1, { bid: '94' }), product, timeframeMs: minute, state: first.state })
    expect(summary(next.outcomes)).toEqual([expect.stringMatching(/^1 @ 93\.9\d* taker$/), 'FILLED'])
  })

  it('that expire were never sent', () => {
    expect(summary(run([{ ...stop, expiresAt: 5 }], [tickAt(5, { bid: '90' })]).outcomes)).toEqual(['ABORTED'])
  })
})

describe('costs', () => {
  it('charge 60 bps to a taker and 40 to a maker, rounded up', () => {
    expect(toText(fillFee({ notional: decimal('100'), liquidity: 'taker', quote: 'USD' }))).toBe('0.6')
    expect(toText(fillFee({ notional: decimal('100'), liquidity: 'maker', quote: 'USD' }))).toBe('0.4')
    expect(toText(fillFee({ notional: decimal('0.00000001'), liquidity: 'taker', quote: 'USD' }))).toBe('0.00000001')
  })

  it('count an unknown last minute as 100 bps and never move a price by more than half', () => {
    const impact = (lastMinuteNotional: Decimal | null): number => marketImpact({ notional: decimal('100'), lastMinuteNotional }).toNumber()
    expect([impact(null), impact(zero), impact(decimal('100')), impact(decimal('0.0000001'))]).toEqual([0.01, 0.01, 0.001, 0.5])
  })
})

describe('any sequence of ticks and orders', () => {
  const cents = (min: number, max: number) => fc.integer({ min, max }).map((value) => value / 100)
  const ticks = fc
    .array(
      fc.record({
        mid: cents(5000, 15_000),
        volume: fc.constantFrom('0', '0.5', '12.345', '100'),
        gap: fc.integer({ min: 1, max: 45_000 }),
        last: fc.constantFrom(null, '0', '5000'),
      }),
      {
        maxLength: 25,
      },
    )
    .map((steps) => {
      let time = 0
      return steps.map(({ mid, volume, gap, last }) => {
        time += gap
        const candle = { candle_volume: volume, last_minute_notional: last }
        return tickAt(time, { price: String(mid), bid: String(mid - 0.5), ask: String(mid + 0.5), ...candle })
      })
    })
  const orders = fc.array(
    fc.record({
      side: fc.constantFrom('BUY' as const, 'SELL' as const),
      timeInForce: fc.constantFrom('GTC' as const, 'IOC' as const, 'FOK' as const),
      quantity: cents(1, 2000).map((value) => decimal(String(value))),
      limitPrice: fc.option(cents(4000, 16_000).map((value) => decimal(String(value)))),
      activeFrom: fc.integer({ min: 0, max: 200_000 }),
      expiresAt: fc.option(fc.integer({ min: 0, max: 400_000 })),
    }),
    { maxLength: 6 },
  )

  it('never takes more than its share of a candle, never fills beyond a limit, before its time or without volume', () => {
    fc.assert(
      fc.property(orders, ticks, (drafts, series) => {
        const placed = drafts.map((draft, leg) => orderOf({ ...draft, orderId: orderId('property', leg) }))
        const { outcomes } = run(placed, series)
        const byCandle = new Map<number, Decimal>()
        for (const fill of fills(outcomes)) {
          const tick = series.find((tick) => tick.market_time === fill.marketTime)
          if (tick === undefined) throw new Error('a fill without a tick')
          const candle = Math.floor(fill.marketTime / minute)
          byCandle.set(candle, (byCandle.get(candle) ?? zero).plus(fill.quantity))
          const largest = series
            .filter((tick) => Math.floor(tick.market_time / minute) === candle)
            .map((tick) => Number(tick.candle_volume))
          expect(byCandle.get(candle)?.toNumber()).toBeLessThanOrEqual(Math.max(...largest) / 10)
          expect(tick.candle_volume).not.toBe('0')
          expect(fill.marketTime).toBeGreaterThanOrEqual(fill.order.activeFrom)
          const isBuy = fill.order.side === 'BUY'
          if (fill.order.limitPrice !== null)
            expect(isBuy ? fill.price.lte(fill.order.limitPrice) : fill.price.gte(fill.order.limitPrice)).toBe(true)
          if (fill.liquidity === 'taker') expect(isBuy ? fill.price.gte(tick.ask) : fill.price.lte(tick.bid)).toBe(true)
          expect(isBuy ? fill.notional.gte(fill.price.times(fill.quantity)) : fill.notional.lte(fill.price.times(fill.quantity))).toBe(true)
          expect(venueFillSchema.parse(venueFill(fill, 'BTC-USD')).order_id).toBe(fill.order.orderId)
        }
      }),
    )
  })

  it('ends every order at most once, fills none beyond its quantity, and loses none', () => {
    fc.assert(
      fc.property(orders, ticks, (drafts, series) => {
        const placed = drafts.map((draft, leg) => orderOf({ ...draft, orderId: orderId('property', leg) }))
        const { outcomes, open } = run(placed, series)
        for (const order of placed) {
          const own = outcomes.filter((outcome) => outcome.order.orderId === order.orderId)
          const ends = own.filter((outcome) => outcome.type === 'closed')
          expect(ends.length + open.filter((other) => other.orderId === order.orderId).length).toBe(1)
          const filled = sum(fills(own).map((fill) => fill.quantity))
          expect(filled.lte(order.quantity)).toBe(true)
          expect(ends.some((end) => end.state === 'FILLED')).toBe(filled.eq(order.quantity))
          if (order.timeInForce === 'FOK') expect(filled.isZero() || filled.eq(order.quantity)).toBe(true)
          if (ends.length > 0) expect(own.at(-1)?.type).toBe('closed')
        }
      }),
    )
  })

  it('does nothing when a batch is repeated', () => {
    fc.assert(
      fc.property(orders, ticks, (drafts, series) => {
        const placed = drafts.map((draft, leg) => orderOf({ ...draft, orderId: orderId('property', leg) }))
        const once = run(placed, series)
        expect(summary(run(placed, [...series, ...series]).outcomes)).toEqual(summary(once.outcomes))
      }),
    )
  })
})
