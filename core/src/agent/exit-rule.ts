import { horizonHours, trendScore } from './expected-edge.ts'
import { meanReversionSignal } from './mean-reversion.ts'
import { momentumSignal } from './momentum.ts'
import type { PromptInput, PromptProduct } from './prompt-input.ts'

/** An entry gets this long before a broken trend ends it. */
const minMinutesHeld = 60
/** A fall of the last hour by this many deviations breaks a trend. */
const brokenTrendScore = -0.75

/** Why a held product should be sold now, as a sentence; null to keep it. Stops and take-profits are executed by code and not repeated here. */
export function exitReason(product: PromptProduct, policy: PromptInput['policy']): string | null {
  const { features, minutes_held } = product
  if (features === null || minutes_held === null) return null
  const score = trendScore(features)
  const isFalling = score !== null && score <= brokenTrendScore && (features.ema_12 ?? 0) < (features.ema_26 ?? 0)
  if (minutes_held >= minMinutesHeld && isFalling) return `the trend is broken: score ${score.toFixed(2)}, ema_12 below ema_26`
  const edge = Math.max(momentumSignal(features)?.edgeBps ?? 0, meanReversionSignal(features)?.edgeBps ?? 0)
  if (minutes_held >= horizonHours * 60 && edge < policy.min_edge_bps) {
    return `held ${minutes_held} minutes, the horizon is over and no entry rule would buy again`
  }
  return null
}
