import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import type { VenueFill } from '../contract/fill.ts'
import { portfolio as portfolioSchema, position as positionSchema, type Position } from '../contract/position.ts'
import { decimal, sum, toText, zero, type Decimal } from '../money/decimal.ts'
import { roundCost, roundProceeds } from '../money/round.ts'
import { markPortfolio } from './equity.ts'
import { applyFill, emptyPosition, type AppliedFill } from './position.ts'

const fillOf = (side: 'BUY' | 'SELL', quantity: string, price: string, fee = '0'): VenueFill => {
  const amount = decimal(quantity).times(price)
  return {
    fill_id: '8dd5f618-be87-5ce4-ac78-7eca94c6d985',
    order_id: '8f6f3765-794a-5da5-970a-2a2b2a045a5f',
    trade_id: '1',
    product: 'BTC-USD',
    side,
    quantity,
    price,
    notional: toText(side === 'BUY' ? roundCost(amount, 'USD') : roundProceeds(amount, 'USD')),
    fee,
    liquidity: 'taker',
    market_time: 0,
  }
}

const apply = (position: Position, fill: VenueFill, scrapeFraction = 0): AppliedFill => {
  const result = applyFill({ position, fill, scrapeFraction })
  if (!result.ok) throw new Error(result.detail)
  return result
}
const flat = emptyPosition('BTC-USD')

describe('position', () => {
  it('scrapes a fifth of the profit, as the readme says: 4,000 reinvested and 1,000 secured of 5,000', () => {
    const bought = apply(flat, fillOf('BUY', '1', '50000'), 0.2)
    const sold = apply(bought.position, fillOf('SELL', '1', '55000'), 0.2)
    expect([bought.cash_delta, sold.cash_delta, sold.realized_pnl, sold.scraped]).toEqual(['-50000', '54000', '5000', '1000'])
    expect(sold.position).toEqual({ ...flat, realized_pnl: '5000', version: 2 })
  })

  it('buys at average cost and keeps the fees apart', () => {
    const first = apply(flat, fillOf('BUY', '1', '100', '0.6')).position
    const second = apply(first, fillOf('BUY', '3', '200', '3.6')).position
    expect(second).toEqual({ ...flat, quantity: '4', cost_basis: '700', entry_fees: '4.2', average_price: '175', version: 2 })
  })

  it('realizes a sale net of both fees', () => {
    const bought = apply(flat, fillOf('BUY', '2', '100', '1.2')).position
    const sold = apply(bought, fillOf('SELL', '1', '110', '0.66'), 0.2)
    // 110 - 0.66 - 100 - 0.6
    expect([sold.realized_pnl, sold.scraped, sold.cash_delta]).toEqual(['8.74', '1.748', '107.592'])
    expect(sold.position).toMatchObject({ quantity: '1', cost_basis: '100', entry_fees: '0.6', average_price: '100' })
  })

  it('scrapes nothing of a loss, and nothing where only the price rose but not above the fees', () => {
    const bought = apply(flat, fillOf('BUY', '1', '100', '0.6')).position
    expect(apply(bought, fillOf('SELL', '1', '90', '0.54'), 1)).toMatchObject({ realized_pnl: '-11.14', scraped: '0' })
    expect(apply(bought, fillOf('SELL', '1', '101', '0.606'), 1)).toMatchObject({ realized_pnl: '-0.206', scraped: '0' })
  })

  it('leaves nothing behind, not even of a pool finer than the ledger', () => {
    const fine = { ...apply(flat, fillOf('BUY', '1', '100')).position, cost_basis: '100.000000004', entry_fees: '0.000000004' }
    expect(apply(fine, fillOf('SELL', '1', '100')).position).toMatchObject({ quantity: '0', cost_basis: '0', entry_fees: '0' })
  })

  it('refuses to sell more than is held', () => {
    const bought = apply(flat, fillOf('BUY', '1', '100')).position
    expect(applyFill({ position: bought, fill: fillOf('SELL', '1.00000001', '100'), scrapeFraction: 0 })).toEqual({
      ok: false,
      reason: 'INSUFFICIENT_HOLDINGS',
      detail: 'a sale of 1.00000001 BTC-USD exceeds the 1 held',
    })
  })

  it('asserts that fill and position are of one product and the fraction is one', () => {
    expect(() => applyFill({ position: emptyPosition('ETH-USD'), fill: fillOf('BUY', '1', '1'), scrapeFraction: 0 })).toThrow('ETH-USD')
    const bought = apply(flat, fillOf('BUY', '1', '100')).position
    expect(() => apply(bought, fillOf('SELL', '1', '101'), 20)).toThrow('within 0 and 1')
  })
})

describe('any history of fills', () => {
  const trades = fc.array(
    fc.record({
      isBuy: fc.boolean(),
      /** Of what is held, for a SELL. */
      share: fc.constantFrom('0.1', '0.333333333', '0.77', '1'),
      quantity: fc.integer({ min: 1, max: 10 ** 9 }).map((units) => toText(decimal(`${units}e-8`))),
      price: fc.integer({ min: 1, max: 10 ** 7 }).map((cents) => toText(decimal(`${cents}e-2`))),
      fee: fc.integer({ min: 0, max: 10 ** 9 }).map((units) => toText(decimal(`${units}e-8`))),
    }),
    { maxLength: 40 },
  )

  it('keeps cash + cost + fees - profit equal to the start, scrapes at most its share, and leaves nothing behind when flat', () => {
    fc.assert(
      fc.property(trades, fc.double({ min: 0, max: 1, noNaN: true }), (history, scrapeFraction) => {
        let position = flat
        let cash: Decimal = zero
        let scraped: Decimal = zero
        const gains: Decimal[] = []
        for (const trade of history) {
          const held = decimal(position.quantity)
          const sold = held.times(trade.share).toDecimalPlaces(8)
          if (!trade.isBuy && sold.isZero()) continue
          const fill = trade.isBuy
            ? fillOf('BUY', trade.quantity, trade.price, trade.fee)
            : fillOf('SELL', toText(sold), trade.price, trade.fee)
          const result = apply(position, fill, scrapeFraction)
          expect(decimal(result.scraped).lte(decimal(result.realized_pnl).times(scrapeFraction)) || result.scraped === '0').toBe(true)
          gains.push(decimal(result.realized_pnl))
          cash = cash.plus(result.cash_delta)
          scraped = scraped.plus(result.scraped)
          position = positionSchema.parse(result.position)
        }
        const realized = sum(gains)
        expect(toText(realized)).toBe(position.realized_pnl)
        expect(toText(cash.plus(scraped).plus(position.cost_basis).plus(position.entry_fees))).toBe(position.realized_pnl)
        if (position.quantity === '0') expect([position.cost_basis, position.entry_fees, position.average_price]).toEqual(['0', '0', null])
        const total = markPortfolio({
          cash: toText(cash),
          heldCash: '0',
          scraped: toText(scraped),
          fees: '0',
          positions: [position],
          marks: { 'BTC-USD': { price: '123.45', market_time: 0 } },
          marketTime: 0,
          staleAfterMs: 5000,
        })
        expect(portfolioSchema.parse(total).total_pnl).toBe(total.equity)
      }),
    )
  })
})
