import type { ComponentScores, Grade } from '../../contract/evaluation.ts'

/** What each dimension weighs in the overall score (reference-facts 4). */
export const scoreWeights: Readonly<Record<keyof ComponentScores, number>> = {
  returns: 0.3,
  risk_management: 0.25,
  decision_quality: 0.25,
  consistency: 0.2,
}

/** The weighted mean of the four dimensions, from 0 to 100. */
export function overallScore(scores: ComponentScores): number {
  return (
    scoreWeights.returns * scores.returns +
    scoreWeights.risk_management * scores.risk_management +
    scoreWeights.decision_quality * scores.decision_quality +
    scoreWeights.consistency * scores.consistency
  )
}

/** A from 90, B from 80, C from 70, D from 60, else F. */
export function gradeOf(score: number): Grade {
  if (score >= 90) return 'A'
  if (score >= 80) return 'B'
  if (score >= 70) return 'C'
  return score >= 60 ? 'D' : 'F'
}
