import { seededRandom } from '@trader/core/market/seeded-random'

/** Differences of paired returns with mean 0 and variance 1, as long as wanted, from a seed and a number of the run. */
export type Differences = (seed: number, run: number, pairs: number) => number[]

const series = (pairs: number, at: (place: number) => number): number[] => Array.from({ length: pairs }, (_, place) => at(place))

const normal: Differences = (seed, run, pairs) => {
  const random = seededRandom(seed, 'normal')
  return series(pairs, (place) => random.gaussian(run, place))
}

/** Student's t with 3 degrees of freedom over its standard deviation, sqrt 3: its fourth moment is infinite. */
const fatTailed: Differences = (seed, run, pairs) => {
  const random = seededRandom(seed, 'student-t3')
  return series(pairs, (place) => {
    const chiSquare = [1, 2, 3].reduce((total, detail) => total + random.gaussian(run, place, detail) ** 2, 0)
    return random.gaussian(run, place) / Math.sqrt(chiSquare)
  })
}

/** AR(1) from its stationary start: x(t) = phi x(t-1) + sqrt(1 - phi^2) e(t). */
const autocorrelated =
  (phi: number): Differences =>
  (seed, run, pairs) => {
    const random = seededRandom(seed, `ar-${phi}`)
    let value = random.gaussian(run, -1)
    return series(pairs, (place) => (value = phi * value + Math.sqrt(1 - phi ** 2) * random.gaussian(run, place)))
  }

/** GARCH(1, 1): calm and wild times follow each other, as in every market. */
const clustered: Differences = (seed, run, pairs) => {
  const random = seededRandom(seed, 'garch')
  let variance = 1
  return series(pairs, (place) => {
    const value = Math.sqrt(variance) * random.gaussian(run, place)
    variance = 0.05 + 0.1 * value ** 2 + 0.85 * variance
    return value
  })
}

/** Nineteen small gains for one loss of nineteen times their size: a winner that wins nothing. */
const skewed: Differences = (seed, run, pairs) => {
  const random = seededRandom(seed, 'skewed')
  return series(pairs, (place) => (random.uniform(run, place) < 0.95 ? 1 : -19) / Math.sqrt(19))
}

/** Every kind the promotion proof knows. `promises`: the shares of the issue hold for it; the others are shown. */
export const differences: Readonly<Record<string, { readonly promises: 'all' | 'no false promotion'; readonly draw: Differences }>> = {
  normal: { promises: 'all', draw: normal },
  'student t3': { promises: 'all', draw: fatTailed },
  'ar(1) 0.3': { promises: 'all', draw: autocorrelated(0.3) },
  'ar(1) -0.3': { promises: 'all', draw: autocorrelated(-0.3) },
  'garch(1,1)': { promises: 'all', draw: clustered },
  'skewed against': { promises: 'no false promotion', draw: skewed },
  'ar(1) 0.5': { promises: 'no false promotion', draw: autocorrelated(0.5) },
}
