import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { addPair, blockPairs, emptyTest, testEvidenceOf, testVerdict } from './sequential-test.ts'

const after = (differences: readonly number[]) => differences.reduce(addPair, emptyTest)
const anyDifferences = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { maxLength: 400 })

describe('the sequential test', () => {
  it('bets nothing before it knows the scale of four blocks', () => {
    const test = after(Array.from({ length: 4 * blockPairs }, () => 0.01))
    expect(test).toMatchObject({ pairs: 100, blocks: 4, log_better: 0, log_worse: 0 })
  })

  it('multiplies the wealths by 1 +/- tanh(block / (4 x scale))', () => {
    // Four blocks of 25 x 0.01 = 0.25, so the scale is 0.25; then a block of 0.5: bet tanh(0.5) = 0.462117.
    const test = after([...Array.from({ length: 100 }, () => 0.01), ...Array.from({ length: 25 }, () => 0.02)])
    expect(test.log_better).toBeCloseTo(Math.log(1.462117157), 7)
    expect(test.log_worse).toBeCloseTo(Math.log(0.537882843), 7)
  })

  it('keeps mean and standard deviation of the pairs', () => {
    expect(testEvidenceOf(after([1, 2, 3, 4]))).toMatchObject({ pairs: 4, mean: 2.5, standard_deviation: Math.sqrt(5 / 3) })
    expect(testEvidenceOf(after([1]))).toMatchObject({ mean: null, standard_deviation: null, better: 1, worse: 1 })
  })

  it('sees better and worse as mirror images', () => {
    fc.assert(
      fc.property(anyDifferences, (differences) => {
        const [test, mirrored] = [after(differences), after(differences.map((value) => -value))]
        expect(mirrored.log_worse).toBeCloseTo(test.log_better, 9)
        expect(mirrored.log_better).toBeCloseTo(test.log_worse, 9)
      }),
    )
  })

  it('does not care for the unit of the returns', () => {
    fc.assert(
      fc.property(anyDifferences, (differences) => {
        const big = after(differences)
        // A power of two scales without rounding.
        expect(after(differences.map((value) => value * 1024)).log_better).toBe(big.log_better)
      }),
    )
  })

  it('is a fair game between equals: over both signs of a block, wealth keeps its mean', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 125, maxLength: 125 }), (differences) => {
        const before = after(differences.slice(0, 100))
        const [up, down] = [1, -1].map((sign) => differences.slice(100).reduce((test, value) => addPair(test, sign * value), before))
        const mean = (Math.exp(up?.log_better ?? NaN) + Math.exp(down?.log_better ?? NaN)) / 2
        expect(mean).toBeCloseTo(Math.exp(before.log_better), 9)
      }),
    )
  })

  it('no single block can more than double the evidence', () => {
    const calm = Array.from({ length: 200 }, (_, index) => (index % 2 === 0 ? 0.01 : -0.009))
    const [before, shocked] = [after(calm), after([...calm, ...Array.from({ length: 25 }, () => 1e6)])]
    expect(shocked.log_better - before.log_better).toBeLessThanOrEqual(Math.log(2) + 1e-12)
  })

  it('says better for a steady edge, worse for a steady loss, nothing for noise or for no difference', () => {
    const edge = Array.from({ length: 1000 }, (_, index) => 0.001 + (index % 7) * 0.0001)
    expect(testVerdict(after(edge), 0.05)).toBe('better')
    expect(testVerdict(after(edge.map((value) => -value)), 0.05)).toBe('worse')
    expect(testVerdict(after(edge.map(() => 0)), 0.05)).toBe('open')
    expect(testVerdict(after(edge.map((_, index) => (index % 2 === 0 ? 0.01 : -0.01))), 0.05)).toBe('open')
  })

  it('never says better of a candidate that lost on average', () => {
    const test = { ...after([-0.01, 0.001]), log_better: 10 }
    expect(testVerdict(test, 0.05)).toBe('open')
  })

  it('refuses a difference that is no number', () => {
    expect(() => addPair(emptyTest, Number.NaN)).toThrow('was NaN')
  })
})
