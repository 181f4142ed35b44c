import { mean, standardDeviation } from '../../metrics/statistics.ts'
import { clampScore } from './clamp.ts'

const leastTrades = 5

/**
 * Points for consistency: 100 - 50 x |standard deviation / mean| of the net returns of closed trades, at least 0; 50 below 5 trades or
 * with a mean of 0 (reference-facts 3). Trades, not minutes: over minutes the deviation is hundreds of means whatever the trader does.
 */
export function consistencyScore(tradeReturns: readonly number[]): number {
  const average = mean(tradeReturns)
  const deviation = standardDeviation(tradeReturns)
  if (tradeReturns.length < leastTrades || average === null || deviation === null || average === 0) return 50
  return clampScore(100 - 50 * Math.abs(deviation / average))
}
