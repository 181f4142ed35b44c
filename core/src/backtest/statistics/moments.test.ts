import { describe, expect, it } from 'vitest'
import { kurtosis, skewness } from './moments.ts'

describe('moments', () => {
  it('of 0, 0, 0, 4 are those worked by hand', () => {
    // mean 1, m2 = 12/4 = 3, m3 = (27 - 3)/4 = 6, m4 = (81 + 3)/4 = 21
    expect(skewness([0, 0, 0, 4])).toBeCloseTo(6 / 3 ** 1.5, 12)
    expect(kurtosis([0, 0, 0, 4])).toBeCloseTo(21 / 9, 12)
  })

  it('a symmetric sample has no skewness, and two opposite values the least kurtosis there is', () => {
    expect(skewness([-2, -1, 0, 1, 2])).toBeCloseTo(0, 12)
    expect(kurtosis([-1, 1, -1, 1])).toBe(1)
  })

  it('are null where nothing varies or too little is there', () => {
    expect([skewness([1, 2]), kurtosis([]), skewness([0.1, 0.1, 0.1])]).toEqual([null, null, null])
  })
})
