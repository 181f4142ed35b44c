/** Fewer returns than this have no meaningful fifth percentile. */
const leastReturns = 20

/**
 * Historical value at risk, 95 %, of one period: the loss at the 5th percentile of returns (linear between ranks), as a
 * positive fraction; 0 where even that return is a gain. Null below 20 returns.
 */
export function valueAtRisk95(returns: readonly number[]): number | null {
  if (returns.length < leastReturns) return null
  const sorted = returns.toSorted((a, b) => a - b)
  const rank = 0.05 * (sorted.length - 1)
  const below = sorted[Math.floor(rank)] ?? 0
  const above = sorted[Math.ceil(rank)] ?? 0
  return Math.max(0, -(below + (above - below) * (rank - Math.floor(rank))))
}
