import { describe, expect, it } from 'vitest'
import { seededRandom } from './seeded-random.ts'
import { simulatedPath, type Regime } from './simulated-path.ts'

const slotsPerBlock = 2048
const variance = (values: readonly number[]): number => values.reduce((sum, value) => sum + value * value, 0) / values.length

/** Levels of all blocks of one regime without a spike, at every slot. */
const blocksOf = (regime: Regime, count: number): number[][] => {
  const path = simulatedPath(seededRandom(5, 'test'))
  const found: number[][] = []
  for (let block = 0; found.length < count; block += 1) {
    if (path.at(block * slotsPerBlock).regime !== regime) continue
    const points = Array.from({ length: slotsPerBlock }, (_, slot) => path.at(block * slotsPerBlock + slot))
    if (points.every((point) => point.spike === 0)) found.push(points.map((point) => point.level))
  }
  return found
}
const moves = (levels: readonly number[], lag: number): number[] =>
  levels.slice(lag).flatMap((level, index) => (index % lag === 0 ? [level - (levels[index] ?? level)] : []))

describe('the simulated path', () => {
  it('spreads like a random walk: the variance of a move grows with its length', () => {
    const blocks = blocksOf('high_volatility', 16)
    const perSlot = variance(blocks.flatMap((levels) => moves(levels, 1)))
    for (const lag of [2, 8, 32]) {
      const ratio = variance(blocks.flatMap((levels) => moves(levels, lag))) / (perSlot * lag)
      expect(Math.abs(ratio - 1)).toBeLessThan(0.15)
    }
    const quietSlot = 1 / 43_200
    expect(perSlot / (2.5 ** 2 * quietSlot)).toBeCloseTo(1, 1)
  })

  it('rises in an up trend, falls in a down trend, and comes back in a range', () => {
    const drift = (regime: Regime): number => {
      const blocks = blocksOf(regime, 10)
      return blocks.reduce((sum, levels) => sum + (levels.at(-1) ?? 0) - (levels[0] ?? 0), 0) / blocks.length
    }
    const quietBlock = Math.sqrt(slotsPerBlock / 43_200)
    expect(drift('trend_up')).toBeGreaterThan(quietBlock)
    expect(drift('trend_down')).toBeLessThan(-quietBlock)
    expect(Math.abs(drift('range'))).toBeLessThan(quietBlock / 2)
  })

  it('goes on where the block before it ended', () => {
    const path = simulatedPath(seededRandom(6, 'test'))
    for (let block = 1; block < 200; block += 1) {
      const [before, after] = [path.at(block * slotsPerBlock - 1), path.at(block * slotsPerBlock)]
      expect(Math.abs(after.level - before.level)).toBeLessThan(0.06)
    }
  })
})
