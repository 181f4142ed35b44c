const yearMs = 365.25 * 86_400_000

/**
 * Realized volatility as a fraction per year: sqrt(mean of squared log returns of neighbouring closes x closes per year).
 * The mean return is taken as zero, as usual for short intervals (Andersen and Bollerslev, 1998). Null with fewer than
 * `minimumReturns` returns. Closes on both sides of a gap count as neighbours.
 */
export function realizedVolatility(
  closes: readonly number[],
  { timeframeMs, minimumReturns = 20 }: { readonly timeframeMs: number; readonly minimumReturns?: number },
): number | null {
  const squares = closes.slice(1).map((close, index) => Math.log(close / (closes[index] ?? close)) ** 2)
  if (squares.length < minimumReturns) return null
  return Math.sqrt((squares.reduce((sum, square) => sum + square, 0) / squares.length) * (yearMs / timeframeMs))
}
