import { z } from 'zod'
import { statistic } from '../../contract/primitives.ts'

/**
 * Is a candidate better, or worse, than its baseline? Watched after every pair of net returns and stopped at will.
 *
 * Bets on differences d = candidate - baseline. `blockPairs` differences make a block sum x, and each block multiplies the wealth of
 * "better" by 1 + tanh(c x) and of "worse" by 1 - tanh(c x), c = `betSize` / root mean square of the block sums before it. The first
 * `scaleBlocks` blocks only set that scale. 1 + tanh(cx) = exp(cx) / cosh(cx) is the symmetric bet of Efron (1969) and de la Pena
 * (1999, Ann. Probab. 27), a wealth process as in Waudby-Smith and Ramdas (2024, JRSS B 86) on the smoothly clipped x: as long as the
 * clipped x has no positive mean given the past, wealth is a non-negative supermartingale from 1, and by Ville (1939) it ever reaches
 * 1 / alpha with probability alpha at most. Two versions that do the same make exchangeable pairs, so their differences are symmetric
 * and the bound is exact, whatever the tails and however the scale changes. One extreme return at most doubles the wealth. Serial correlation breaks it only as far as it reaches
 * from block to block: certify/judge-promotion.ts measures that.
 */
export const sequentialTest = z.strictObject({
  pairs: z.int().min(0),
  blocks: z.int().min(0),
  /** Of the pairs so far: sum and sum of squares of their differences. */
  sum: z.number(),
  sum_of_squares: z.number(),
  /** The block under way, and the squares of those before it. */
  block_sum: z.number(),
  block_squares: z.number(),
  /** Logarithms of the two wealths. */
  log_better: z.number(),
  log_worse: z.number(),
})
export type SequentialTest = z.infer<typeof sequentialTest>

export const blockPairs = 25
const scaleBlocks = 4
/** Growth is best where it equals the edge of a block in standard deviations: 0.25 is 0.05 of one pair. More loses to skewed returns. */
const betSize = 0.25

export const emptyTest: SequentialTest = {
  pairs: 0,
  blocks: 0,
  sum: 0,
  sum_of_squares: 0,
  block_sum: 0,
  block_squares: 0,
  log_better: 0,
  log_worse: 0,
}

/** The test after one more difference of net returns, candidate minus baseline, as a fraction. */
export function addPair(test: SequentialTest, difference: number): SequentialTest {
  if (!Number.isFinite(difference)) throw new Error(`difference of returns must be finite, was ${difference}`)
  const next = {
    ...test,
    pairs: test.pairs + 1,
    sum: test.sum + difference,
    sum_of_squares: test.sum_of_squares + difference ** 2,
    block_sum: test.block_sum + difference,
  }
  return next.pairs % blockPairs === 0 ? closeBlock(next) : next
}

function closeBlock(test: SequentialTest): SequentialTest {
  const { blocks, block_sum, block_squares } = test
  const scale = blocks < scaleBlocks ? 0 : Math.sqrt(block_squares / blocks)
  const bet = scale === 0 ? 0 : Math.tanh((betSize * block_sum) / scale)
  return {
    ...test,
    blocks: blocks + 1,
    block_sum: 0,
    block_squares: block_squares + block_sum ** 2,
    log_better: test.log_better + logOf(1 + bet),
    log_worse: test.log_worse + logOf(1 - bet),
  }
}

/** A wealth of zero would stay there for ever; tanh reaches 1 only by rounding. */
function logOf(factor: number): number {
  return Math.log(Math.max(factor, 1e-12))
}

export const testEvidence = z.strictObject({
  pairs: z.int().min(0),
  /** Of one pair's difference, as fractions; null below two pairs. */
  mean: statistic,
  standard_deviation: statistic,
  /** Wealths: 20 is evidence at alpha 5 %. At most 1e12. */
  better: z.number(),
  worse: z.number(),
})
export type TestEvidence = z.infer<typeof testEvidence>

/** The figures behind a verdict, for people. */
export function testEvidenceOf(test: SequentialTest): TestEvidence {
  const { pairs, sum, sum_of_squares } = test
  const mean = pairs < 2 ? null : sum / pairs
  const variance = mean === null ? null : Math.max(0, (sum_of_squares - pairs * mean ** 2) / (pairs - 1))
  return {
    pairs,
    mean,
    standard_deviation: variance === null ? null : Math.sqrt(variance),
    better: Math.min(1e12, Math.exp(test.log_better)),
    worse: Math.min(1e12, Math.exp(test.log_worse)),
  }
}

/**
 * What the pairs say at error rate `alpha`: `better` and `worse` are each said wrongly with that probability at most. Better needs a
 * gain on average too: clipping must not hide a rare large loss.
 */
export function testVerdict(test: SequentialTest, alpha: number): 'better' | 'worse' | 'open' {
  const needed = -Math.log(alpha)
  if (test.log_better >= needed && test.sum > 0) return 'better'
  return test.log_worse >= needed ? 'worse' : 'open'
}
