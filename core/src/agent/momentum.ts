import type { FeatureVector } from '../contract/feature-vector.ts'
import type { EntrySignal } from './entry-signal.ts'
import { hourlyVolatilityBps, momentumEdgeBps, trendScore } from './expected-edge.ts'

/** A rise of the last hour below this many deviations is noise. */
const minTrendScore = 1

/** A trend to follow: the hour rose by at least a deviation, the short average is above the long one and the price above both. Null otherwise. */
export function momentumSignal(features: FeatureVector): EntrySignal | null {
  const score = trendScore(features)
  const volatilityBps = hourlyVolatilityBps(features)
  const { price, ema_12, ema_26, sma_50 } = features
  if (score === null || volatilityBps === null || price === null || ema_12 === null || ema_26 === null || sma_50 === null) return null
  if (score < minTrendScore || ema_12 <= ema_26 || Number(price) <= sma_50) return null
  return {
    rule: 'momentum',
    edgeBps: momentumEdgeBps({ score, volatilityBps }),
    evidence: [`trend score ${score.toFixed(2)} over 60 minutes`, `ema_12 ${ema_12.toFixed(2)} above ema_26 ${ema_26.toFixed(2)}`],
  }
}
