import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { Decimal, decimal, sum, toText, zero } from './decimal.ts'
import { decimalText } from '../contract/primitives.ts'

describe('decimal', () => {
  it('adds what doubles cannot', () => {
    expect(toText(decimal('0.1').plus(decimal('0.2')))).toBe('0.3')
  })

  it('refuses NaN, infinity and words', () => {
    for (const text of ['NaN', 'Infinity', '-Infinity', 'ten']) expect(() => decimal(text)).toThrow()
    expect(() => toText(new Decimal(Number.NaN))).toThrow('finite')
    expect(() => toText(new Decimal(1).div(0))).toThrow('finite')
  })

  it('writes small and large amounts without an exponent', () => {
    expect(toText(decimal('0.000000000000000001'))).toBe('0.000000000000000001')
    expect(toText(decimal('1e19'))).toBe('10000000000000000000')
    expect(toText(decimal('-0'))).toBe('0')
  })

  it('cuts to 18 decimals, half to even', () => {
    expect(toText(decimal('0.0000000000000000005'))).toBe('0')
    expect(toText(decimal('0.0000000000000000015'))).toBe('0.000000000000000002')
    expect(toText(decimal('1').div(3))).toBe('0.333333333333333333')
  })

  it('refuses what the wire cannot carry', () => {
    expect(() => toText(decimal('1e20'))).toThrow('20 digits')
  })

  it('always writes what the contract reads, and reads it back unchanged', () => {
    const amount = fc.tuple(fc.bigInt({ min: -(10n ** 37n), max: 10n ** 37n }), fc.integer({ min: 0, max: 18 }))
    fc.assert(
      fc.property(amount, ([digits, decimals]) => {
        const value = decimal(digits.toString()).times(decimal(`1e-18`)).toDecimalPlaces(decimals)
        const text = toText(value)
        expect(decimalText.safeParse(text).success).toBe(true)
        expect(decimal(text).eq(value)).toBe(true)
      }),
    )
  })

  it('sums nothing to zero', () => {
    expect(sum([]).eq(zero)).toBe(true)
    expect(toText(sum([decimal('1.5'), decimal('-0.5')]))).toBe('1')
  })
})
