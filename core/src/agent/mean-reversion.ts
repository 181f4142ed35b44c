import type { FeatureVector } from '../contract/feature-vector.ts'
import type { EntrySignal } from './entry-signal.ts'
import { reversionEdgeBps, trendScore } from './expected-edge.ts'

/** A fall is deep from this many deviations of an hour. */
const minFallScore = 1
/** And exhausted when the RSI is at most this, while the last minute falls no further. */
const maxRsi = 35

/** A fall to buy: deep for its volatility, below the volume-weighted mean, oversold, and no longer falling. Null otherwise. */
export function meanReversionSignal(features: FeatureVector): EntrySignal | null {
  const score = trendScore(features)
  const { price, vwap, rsi_14, return_1m } = features
  if (score === null || price === null || vwap === null || rsi_14 === null || return_1m === null) return null
  if (score > -minFallScore || rsi_14 > maxRsi || return_1m < 0 || Number(price) >= vwap) return null
  return {
    rule: 'mean_reversion',
    edgeBps: reversionEdgeBps({ price: Number(price), mean: vwap }),
    evidence: [
      `trend score ${score.toFixed(2)} over 60 minutes`,
      `price ${price} below vwap ${vwap.toFixed(2)}`,
      `rsi_14 ${rsi_14.toFixed(1)}`,
    ],
  }
}
