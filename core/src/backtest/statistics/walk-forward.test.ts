import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { walkForwardSplits } from './walk-forward.ts'

const span = { from: 0, to: 100 }

describe('walk-forward splits', () => {
  it('roll along', () => {
    expect(walkForwardSplits({ span, train: 50, test: 20, window: 'rolling', purge: 3 })).toEqual([
      { train: [{ from: 0, to: 47 }], test: { from: 50, to: 70 } },
      { train: [{ from: 20, to: 67 }], test: { from: 70, to: 90 } },
    ])
  })

  it('or grow from an anchor, with a step of their own', () => {
    expect(walkForwardSplits({ span, train: 40, test: 10, step: 30, window: 'anchored' })).toEqual([
      { train: [{ from: 0, to: 40 }], test: { from: 40, to: 50 } },
      { train: [{ from: 0, to: 70 }], test: { from: 70, to: 80 } },
    ])
  })

  it('train before they test, keep the purge, stay inside and test nothing twice', () => {
    const length = fc.integer({ min: 1, max: 40 })
    const plan = fc.record({
      train: length,
      test: length,
      further: fc.nat(10),
      purge: fc.nat(39),
      from: fc.nat(1000),
      rows: fc.integer({ min: 1, max: 300 }),
    })
    fc.assert(
      fc.property(plan, fc.constantFrom('anchored', 'rolling'), ({ train, test, further, purge, from, rows }, window) => {
        fc.pre(purge < train)
        const whole = { from, to: from + rows }
        const splits = walkForwardSplits({ span: whole, train, test, step: test + further, window, purge })
        expect(splits.length).toBe(rows < train + test ? 0 : Math.floor((rows - train - test) / (test + further)) + 1)
        let tested = from
        for (const split of splits) {
          const [trained] = split.train
          expect(trained?.from).toBe(window === 'anchored' ? from : split.test.from - train)
          expect(trained?.to).toBe(split.test.from - purge)
          expect(split.test.from).toBeGreaterThanOrEqual(tested)
          expect(split.test.to - split.test.from).toBe(test)
          expect(split.test.to).toBeLessThanOrEqual(whole.to)
          tested = split.test.to
        }
      }),
    )
  })

  it('refuse what cannot be', () => {
    expect(() => walkForwardSplits({ span, train: 10, test: 10, step: 9, window: 'rolling' })).toThrow(
      'step must be a whole number from 10, was 9',
    )
    expect(() => walkForwardSplits({ span, train: 10, test: 10, purge: 10, window: 'rolling' })).toThrow(
      'purge must be shorter than train, 10, was 10',
    )
    expect(() => walkForwardSplits({ span: { from: 5, to: 5 }, train: 1, test: 1, window: 'rolling' })).toThrow('span must not be empty')
  })
})
