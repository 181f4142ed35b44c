import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lineDiff } from './line-diff.ts'

describe('the difference of two texts', () => {
  it('names what went and what came, in place', () => {
    const lines = lineDiff(['a', 'b', 'c'], ['a', 'x', 'c', 'd'])
    expect(lines.map(({ sign, text }) => `${sign}${text}`)).toEqual([' a', '-b', '+x', ' c', '+d'])
  })

  it('contains both texts, and as few changes as can be', () => {
    const lines = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 12 })
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const diff = lineDiff(before, after)
        expect(diff.filter(({ sign }) => sign !== '+').map(({ text }) => text)).toEqual(before)
        expect(diff.filter(({ sign }) => sign !== '-').map(({ text }) => text)).toEqual(after)
        if (before.join() === after.join()) expect(diff.every(({ sign }) => sign === ' ')).toBe(true)
      }),
    )
  })
})
