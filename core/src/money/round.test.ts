import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { decimal, toText } from './decimal.ts'
import { assetScale } from './asset.ts'
import { roundCost, roundFee, roundLimitPrice, roundProceeds, roundScrape, roundShare, roundSize } from './round.ts'

const amounts = fc.bigInt({ min: 0n, max: 10n ** 24n }).map((digits) => decimal(`${digits}e-14`))

describe('round', () => {
  it('keeps 8 decimals of every asset', () => {
    expect(['USD', 'BTC', 'SHIB'].map(assetScale)).toEqual([8, 8, 8])
  })

  it('rounds costs and fees up, proceeds and scrapes down, shares half-even', () => {
    const amount = decimal('1.000000005')
    expect(toText(roundCost(amount, 'USD'))).toBe('1.00000001')
    expect(toText(roundFee(amount, 'USD'))).toBe('1.00000001')
    expect(toText(roundProceeds(amount, 'USD'))).toBe('1')
    expect(toText(roundScrape(amount, 'USD'))).toBe('1')
    expect(toText(roundShare(amount, 'USD'))).toBe('1')
    expect(toText(roundShare(decimal('1.000000015'), 'USD'))).toBe('1.00000002')
  })

  it('rounds sizes down to the increment', () => {
    expect(toText(roundSize(decimal('1.99999'), decimal('0.1')))).toBe('1.9')
    expect(toText(roundSize(decimal('7'), decimal('5')))).toBe('5')
    expect(toText(roundSize(decimal('0.09'), decimal('0.1')))).toBe('0')
  })

  it('moves a limit price to the grid in the caller favour', () => {
    expect(toText(roundLimitPrice(decimal('10.019'), decimal('0.01'), 'BUY'))).toBe('10.01')
    expect(toText(roundLimitPrice(decimal('10.011'), decimal('0.01'), 'SELL'))).toBe('10.02')
    expect(toText(roundLimitPrice(decimal('10.01'), decimal('0.01'), 'SELL'))).toBe('10.01')
  })

  it('never rounds in our favour and never by a whole unit', () => {
    fc.assert(
      fc.property(amounts, (amount) => {
        const unit = decimal('0.00000001')
        expect(roundCost(amount, 'USD').gte(amount) && roundCost(amount, 'USD').minus(amount).lt(unit)).toBe(true)
        expect(roundProceeds(amount, 'USD').lte(amount) && amount.minus(roundProceeds(amount, 'USD')).lt(unit)).toBe(true)
        expect(roundShare(amount, 'USD').minus(amount).abs().lte(unit.div(2))).toBe(true)
      }),
    )
  })
})
