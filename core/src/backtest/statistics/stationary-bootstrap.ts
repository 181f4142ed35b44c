import { seededRandom } from '../../market/seeded-random.ts'
import { mean } from '../../metrics/statistics.ts'
import { rankPValue } from './rank-p-value.ts'

/** Fewer returns than this say nothing about their mean. */
const leastObservations = 20
/** Means that differ by less are equal: sums of one sample in another order. */
const roundingNoise = 1e-15

export interface BootstrapTest {
  readonly samples: number
  readonly mean_block: number
  readonly mean_excess_pct: number
  readonly p_value: number
}

/**
 * Is the mean of excess returns (fractions per period) above 0 by more than luck? The stationary bootstrap (Politis and Romano 1994)
 * resamples them in blocks, so that what hangs together in time stays together; the p-value is the share of resampled means, moved to
 * a true mean of 0, that reach the observed one. Blocks have geometric lengths; the default mean is n^(1/3). Null below 20 returns.
 */
export function bootstrapMean(options: {
  readonly excess: readonly number[]
  readonly seed: number
  readonly samples?: number
  readonly meanBlock?: number
}): BootstrapTest | null {
  const { excess, seed, samples = 2000, meanBlock = Math.max(1, Math.cbrt(options.excess.length)) } = options
  const observed = mean(excess)
  if (observed === null || excess.length < leastObservations) return null
  const simulated = Array.from({ length: samples }, (_, sample) => {
    const indexes = stationaryIndexes({ length: excess.length, meanBlock, seed, sample })
    const total = indexes.reduce((sum, index) => sum + (excess[index] ?? 0), 0)
    return total / excess.length - observed
  })
  const p_value = rankPValue({ observed: observed - roundingNoise, simulated })
  return { samples, mean_block: meanBlock, mean_excess_pct: observed * 100, p_value }
}

/** Places of one resample: each follows the one before (the first follows the last), or with probability 1 / meanBlock is drawn anew. */
export function stationaryIndexes(options: {
  readonly length: number
  readonly meanBlock: number
  readonly seed: number
  readonly sample: number
}): number[] {
  const { length, meanBlock, seed, sample } = options
  if (!(meanBlock >= 1)) throw new Error(`mean block must be at least 1, was ${meanBlock}`)
  const { uniform } = seededRandom(seed, 'stationary-bootstrap')
  const indexes: number[] = []
  let index = 0
  for (let place = 0; place < length; place += 1) {
    const startsBlock = place === 0 || uniform(sample, place, 0) < 1 / meanBlock
    index = startsBlock ? Math.floor(uniform(sample, place, 1) * length) : (index + 1) % length
    indexes.push(index)
  }
  return indexes
}
