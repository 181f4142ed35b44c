import { describe, expect, it } from 'vitest'
import { amount } from './amount.ts'

describe('an amount that a caller gives', () => {
  it.each([
    ['0.1', '0.1'],
    [0.1, '0.1'],
    [1e-7, '0.0000001'],
    [65_000, '65000'],
    ['1234.50', '1234.50'],
  ])('%j is %j', (given, text) => {
    expect(amount.parse(given)).toBe(text)
  })

  it.each([0, -1, Number.NaN, Infinity, 1e16, '', '0', '-1', '1e5', 'NaN', ' 1', '1,5', null, {}, '9'.repeat(50)])(
    '%j is refused',
    (given) => {
      expect(amount.safeParse(given).success).toBe(false)
    },
  )
})
