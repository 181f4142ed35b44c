/** Beyond this many deviations the rest of the distribution is below 1e-15. */
const widest = 8

/**
 * Probability that a standard normal value is at most x: 1/2 + density x (x + x^3/3 + x^5/(3*5) + ...), exact to about 1e-15
 * (Marsaglia 2004, "Evaluating the normal distribution", J. Stat. Software 11/4).
 */
export function normalCdf(x: number): number {
  if (x <= -widest) return 0
  if (x >= widest) return 1
  let [sum, term, previous, odd] = [x, x, 0, 1]
  while (sum !== previous) {
    odd += 2
    term *= (x * x) / odd
    previous = sum
    sum += term
  }
  return 0.5 + sum * Math.exp(-0.5 * x * x - 0.5 * Math.log(2 * Math.PI))
}

/** The x with normalCdf(x) = p, by halving the interval; p between 0 and 1, both excluded. */
export function normalQuantile(p: number): number {
  if (!(p > 0 && p < 1)) throw new Error(`probability must be between 0 and 1, was ${p}`)
  let [low, high] = [-widest, widest]
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2
    if (normalCdf(middle) < p) low = middle
    else high = middle
  }
  return (low + high) / 2
}
