import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { gridTrials, randomTrials, type Search, type SearchSpace } from './search-space.ts'

const space: SearchSpace = {
  fast: { type: 'steps', from: 5, to: 15, step: 5 },
  exit: { type: 'values', values: ['stop', 'time'] },
}

function trialsOf(search: Search) {
  if (!search.ok) throw new Error(search.detail)
  return search.trials
}

describe('a grid', () => {
  it('has every combination once, in order', () => {
    expect(trialsOf(gridTrials(space, { most: 100 }))).toEqual([
      { fast: 5, exit: 'stop' },
      { fast: 5, exit: 'time' },
      { fast: 10, exit: 'stop' },
      { fast: 10, exit: 'time' },
      { fast: 15, exit: 'stop' },
      { fast: 15, exit: 'time' },
    ])
  })

  it('meets its end in spite of rounding', () => {
    expect(trialsOf(gridTrials({ x: { type: 'steps', from: 0.1, to: 0.4, step: 0.1 } }, { most: 9 })).map(({ x }) => x)).toEqual([
      0.1, 0.2, 0.3, 0.4,
    ])
  })

  it('refuses more than is allowed before it makes any, and ranges that cannot be', () => {
    const huge = { type: 'steps', from: 0, to: 1e15, step: 1 } as const
    expect(gridTrials({ a: huge, b: huge }, { most: 1000 })).toMatchObject({
      ok: false,
      reason: 'TOO_MANY_TRIALS',
      detail: 'the grid has more than 1000 combinations',
    })
    const between = { type: 'between', from: 0, to: 1, scale: 'linear', isWhole: false } as const
    expect(gridTrials({ a: between }, { most: 9 })).toMatchObject({ detail: 'parameter a: a grid needs values or steps' })
    expect(gridTrials({ a: { type: 'steps', from: 1, to: 2, step: 0 } }, { most: 9 })).toMatchObject({
      detail: 'parameter a: step must be positive, was 0',
    })
    expect(gridTrials({ a: { type: 'values', values: [] } }, { most: 9 })).toMatchObject({ reason: 'INVALID_SEARCH' })
  })
})

describe('a random search', () => {
  it('draws within the ranges, the same for the same seed, nothing twice', () => {
    const range = fc.record({
      from: fc.integer({ min: 1, max: 50 }),
      length: fc.nat(100),
      scale: fc.constantFrom('linear', 'log'),
      isWhole: fc.boolean(),
    })
    fc.assert(
      fc.property(range, fc.nat(), ({ from, length, scale, isWhole }, seed) => {
        const drawn: SearchSpace = { a: { type: 'between', from, to: from + length, scale, isWhole }, ...space }
        const trials = trialsOf(randomTrials(drawn, { count: 30, seed }))
        expect(trials).toEqual(trialsOf(randomTrials(drawn, { count: 30, seed })))
        expect(new Set(trials.map((trial) => JSON.stringify(trial))).size).toBe(trials.length)
        for (const { a } of trials) {
          expect(Number(a)).toBeGreaterThanOrEqual(from)
          expect(Number(a)).toBeLessThanOrEqual(from + length)
          if (isWhole) expect(Number.isInteger(a)).toBe(true)
        }
      }),
    )
  })

  it('counts what it tried: a space of six has six trials, however many are asked for', () => {
    expect(trialsOf(randomTrials(space, { count: 1000, seed: 1 }))).toHaveLength(6)
    expect(trialsOf(randomTrials(space, { count: 4, seed: 1 }))).toHaveLength(4)
  })

  it('spreads evenly, on a log scale by orders of magnitude', () => {
    const trials = (scale: 'linear' | 'log') =>
      trialsOf(randomTrials({ a: { type: 'between', from: 1, to: 100, scale, isWhole: false } }, { count: 2000, seed: 4 })).map(({ a }) =>
        Number(a),
      )
    const shareBelow10 = (values: number[]) => values.filter((value) => value < 10).length / values.length
    expect(Math.abs(shareBelow10(trials('log')) - 0.5)).toBeLessThan(0.04)
    expect(Math.abs(shareBelow10(trials('linear')) - 9 / 99)).toBeLessThan(0.02)
  })

  it('refuses a log scale from 0, and whole numbers where there are none', () => {
    const whole = { type: 'between', from: 0, to: 9, scale: 'log', isWhole: true } as const
    expect(randomTrials({ a: whole }, { count: 1, seed: 1 })).toMatchObject({
      ok: false,
      detail: 'parameter a: must be positive on a log scale, was 0',
    })
    expect(randomTrials({ a: { ...whole, from: 0.2, to: 0.8, scale: 'linear' } }, { count: 1, seed: 1 })).toMatchObject({
      detail: 'parameter a: no whole number lies between 0.2 and 0.8',
    })
  })
})
