import type { ScoreTrend } from '../../contract/evaluation.ts'
import { mean } from '../../metrics/statistics.ts'

/** A change of the mean beyond this many points is one. */
const noticeable = 5

/**
 * Where scores are going (reference-facts 4): split in halves, the later with the middle one; the difference of their means above 5 is
 * improving, below -5 declining. Oldest first. Fewer than two scores are stable.
 */
export function scoreTrendOf(scores: readonly number[]): ScoreTrend {
  const half = Math.floor(scores.length / 2)
  const [first, second] = [mean(scores.slice(0, half)), mean(scores.slice(half))]
  const improvement = first === null || second === null ? null : second - first
  return {
    trend: improvement === null ? 'stable' : improvement > noticeable ? 'improving' : improvement < -noticeable ? 'declining' : 'stable',
    avg_score: mean(scores),
    evaluations_count: scores.length,
    improvement,
  }
}
