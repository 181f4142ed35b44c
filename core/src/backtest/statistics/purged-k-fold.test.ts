import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { purgedKFold } from './purged-k-fold.ts'

describe('purged k-fold', () => {
  it('cuts 10 rows into 3 folds as worked by hand', () => {
    expect(purgedKFold({ span: { from: 0, to: 10 }, folds: 3, purge: 1, embargo: 1 })).toEqual([
      { train: [{ from: 5, to: 10 }], test: { from: 0, to: 3 } },
      {
        train: [
          { from: 0, to: 2 },
          { from: 8, to: 10 },
        ],
        test: { from: 3, to: 6 },
      },
      { train: [{ from: 0, to: 5 }], test: { from: 6, to: 10 } },
    ])
  })

  it('tests every row once, and trains on exactly those that neither purge nor embargo touch', () => {
    const plan = fc.record({
      from: fc.nat(50),
      rows: fc.integer({ min: 8, max: 120 }),
      folds: fc.integer({ min: 2, max: 4 }),
      purge: fc.nat(2),
      embargo: fc.nat(1),
    })
    fc.assert(
      fc.property(plan, ({ from, rows, folds, purge, embargo }) => {
        const splits = purgedKFold({ span: { from, to: from + rows }, folds, purge, embargo })
        expect(splits).toHaveLength(folds)
        for (let row = from; row < from + rows; row += 1) {
          expect(splits.filter(({ test }) => row >= test.from && row < test.to)).toHaveLength(1)
          for (const { train, test } of splits) {
            const isTrained = train.some((part) => row >= part.from && row < part.to)
            expect(isTrained).toBe(row < test.from - purge || row >= test.to + purge + embargo)
          }
        }
      }),
    )
  })

  it('refuses what leaves nothing', () => {
    expect(() => purgedKFold({ span: { from: 0, to: 3 }, folds: 4, purge: 0, embargo: 0 })).toThrow('3 cannot be cut into 4 folds')
    expect(() => purgedKFold({ span: { from: 0, to: 10 }, folds: 2, purge: 5, embargo: 0 })).toThrow('fold 0 has nothing to train on')
  })
})
