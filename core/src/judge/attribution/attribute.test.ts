import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { attribution } from '../../contract/prompt-version.ts'
import type { VenueFill } from '../../contract/fill.ts'
import { decimal, sum, toText } from '../../money/decimal.ts'
import { roundTrips } from '../../metrics/round-trips.ts'
import { fillId, orderId } from '../../order/order-id.ts'
import { attribute } from './attribute.ts'
import { entryShares } from './entry-shares.ts'

const fillOf = (options: {
  order: number
  side: 'BUY' | 'SELL'
  quantity: string
  price: string
  fee?: string
  at?: number
}): VenueFill => {
  const { order, side, quantity, price, fee = '1', at = order } = options
  const order_id = orderId('attribution', order)
  const trade_id = `${order}-${quantity}-${price}`
  const notional = toText(decimal(quantity).times(price))
  const common = { order_id, trade_id, product: 'BTC-USD', side, quantity, price, notional, fee, liquidity: 'taker' as const }
  return { ...common, fill_id: fillId({ orderId: order_id, tradeId: trade_id }), market_time: at }
}
const idOf = (order: number): string => orderId('attribution', order)
const decisionOf = (order: number, version: number | null) => ({ id: `d${order}`, prompt_version: version, orders: [idOf(order)] })
const orderOf = (order: number, correlation = `d${order}`) => ({ order_id: idOf(order), correlation_id: correlation })

describe('attribution', () => {
  // Version 1 buys 1 at 100, version 2 buys 3 at 200: average 175. Version 2's decision sells 2 at 225, fee 2; the stop of version 1's
  // entry sells 2 at 150, fee 2. Entry fees 1 each: 2 in all.
  const fills = [
    fillOf({ order: 0, side: 'BUY', quantity: '1', price: '100', at: 10 }),
    fillOf({ order: 1, side: 'BUY', quantity: '3', price: '200', at: 30 }),
    fillOf({ order: 2, side: 'SELL', quantity: '2', price: '225', fee: '2', at: 40 }),
    fillOf({ order: 3, side: 'SELL', quantity: '2', price: '150', fee: '2', at: 50 }),
  ]
  const result = attribute({
    activations: [
      { version: 1, market_time: 0 },
      { version: 2, market_time: 20 },
      { version: 1, market_time: 45 },
    ],
    end: 60,
    decisions: [decisionOf(0, 1), decisionOf(1, 2), decisionOf(2, 2)],
    orders: [orderOf(0), orderOf(1), orderOf(2), orderOf(3, 'd0')],
    fills,
    equity: [
      { market_time: 0, equity: '1000' },
      { market_time: 15, equity: '990' },
      { market_time: 40, equity: '1100' },
      { market_time: 55, equity: '1045' },
    ],
    scores: [
      { prompt_version: 2, overall_score: 60 },
      { prompt_version: 2, overall_score: 70 },
    ],
  })

  it('gives each version its part of every sale, whoever sold', () => {
    // First sale: 2 x (225 - 175) - fee 2 - half of the entry fees 1 = 97; second: 2 x (150 - 175) - 2 - 1 = -53. A quarter is version 1's.
    expect(result.get(1)).toMatchObject({ decisions: 1, orders: 1, closed_trades: 0, realized_pnl: '11', fees: '2' })
    expect(result.get(2)).toMatchObject({ decisions: 2, orders: 2, closed_trades: 2, realized_pnl: '33', fees: '4', score: 65 })
  })

  it('gives each version the change of equity while it was active, and its drawdown', () => {
    // Version 1: 0 to 20 (1000 to 990) and 45 to 60 (1100 to 1045); version 2: 20 to 45 (990 to 1100).
    expect(result.get(1)).toMatchObject({ equity_change: '-65', active_ms: 35, score: null })
    expect(result.get(1)?.max_drawdown).toBeCloseTo(0.05, 12)
    expect(result.get(2)).toMatchObject({ equity_change: '110', active_ms: 25, max_drawdown: 0 })
  })

  it('fits the contract, for a version that did nothing too', () => {
    for (const each of result.values()) expect(attribution.parse(each)).toEqual(each)
    const idle = attribute({
      activations: [{ version: 5, market_time: 0 }],
      end: 0,
      decisions: [],
      orders: [],
      fills: [],
      equity: [],
      scores: [],
    })
    expect(idle.get(5)).toEqual({
      decisions: 0,
      orders: 0,
      closed_trades: 0,
      realized_pnl: '0',
      fees: '0',
      equity_change: '0',
      active_ms: 0,
      max_drawdown: null,
      score: null,
    })
  })

  it('leaves what a person bought to nobody', () => {
    const own = attribute({
      activations: [{ version: 1, market_time: 0 }],
      end: 60,
      decisions: [decisionOf(0, 1)],
      orders: [orderOf(0), orderOf(1, 'manual-1'), orderOf(2, 'manual-2'), orderOf(3, 'manual-3')],
      fills,
      equity: [],
      scores: [],
    })
    expect(own.get(1)).toMatchObject({ realized_pnl: '11', closed_trades: 0, fees: '2' })
  })

  it('adds up: shares of profit and fees are the fills`, whatever was bought by whom', () => {
    const trade = fc.record({
      buyer: fc.constantFrom(1, 2, 3, null),
      quantity: fc.integer({ min: 1, max: 999 }),
      price: fc.integer({ min: 1, max: 999 }),
    })
    const whole = fc.array(
      fc.record({
        buys: fc.array(trade, { minLength: 1, maxLength: 4 }),
        part: fc.integer({ min: 1, max: 100 }),
        price: fc.integer({ min: 1, max: 999 }),
      }),
      {
        minLength: 1,
        maxLength: 5,
      },
    )
    fc.assert(
      fc.property(whole, (rounds) => {
        const buyers = new Map<string, number | null>()
        const made: VenueFill[] = []
        let held = 0
        for (const { buys, part, price } of rounds) {
          for (const { buyer, quantity, price: paid } of buys) {
            buyers.set(idOf(made.length), buyer)
            made.push(fillOf({ order: made.length, side: 'BUY', quantity: String(quantity), price: String(paid) }))
            held += quantity
          }
          const sold = Math.max(1, Math.floor((held * part) / 100))
          made.push(fillOf({ order: made.length, side: 'SELL', quantity: String(sold), price: String(price), fee: '0.33333333' }))
          held -= sold
        }
        const shares = entryShares(made, (id) => buyers.get(id) ?? null)
        const trips = roundTrips(made)
        expect(toText(sum(shares.map(({ realizedPnl }) => realizedPnl)))).toBe(toText(sum(trips.map(({ realizedPnl }) => realizedPnl))))
        expect(toText(sum(shares.map(({ fee }) => fee)))).toBe(toText(sum(made.map(({ fee }) => decimal(fee)))))
      }),
    )
  })
})
