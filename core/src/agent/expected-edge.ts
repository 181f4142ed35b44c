import type { FeatureVector } from '../contract/feature-vector.ts'

// What the offline model believes, in one place and in basis points of the price. docs/offline-model.md explains each number.

/** An entry is judged by the move expected within this many hours. */
export const horizonHours = 6
/** Share of a standardised trend that is expected to go on, per square root of the horizon. */
const trendPersistence = 0.6
/** Trends stronger than this many deviations are not believed further. */
const maxTrendScore = 3
/** Share of the distance to the mean that is expected to be made good. */
const retracedShare = 0.8

const hoursPerYear = 24 * 365.25

/** One standard deviation of an hour's return in bps, from the realized volatility (a fraction per year). Null without one, or without movement. */
export function hourlyVolatilityBps(features: FeatureVector): number | null {
  if (features.realized_volatility === null || features.realized_volatility <= 0) return null
  return (features.realized_volatility / Math.sqrt(hoursPerYear)) * 10_000
}

/** The last hour's return in standard deviations of an hour. */
export function trendScore(features: FeatureVector): number | null {
  const volatility = hourlyVolatilityBps(features)
  return volatility === null || features.return_60m === null ? null : (features.return_60m * 10_000) / volatility
}

/** edge = 0.6 x min(score, 3) x hourly volatility x sqrt(6): part of the trend goes on over the horizon. */
export function momentumEdgeBps({ score, volatilityBps }: { readonly score: number; readonly volatilityBps: number }): number {
  return trendPersistence * Math.max(0, Math.min(score, maxTrendScore)) * volatilityBps * Math.sqrt(horizonHours)
}

/** edge = 0.8 x (mean / price - 1): part of the way back to the mean. */
export function reversionEdgeBps({ price, mean }: { readonly price: number; readonly mean: number }): number {
  return Math.max(0, retracedShare * (mean / price - 1) * 10_000)
}
