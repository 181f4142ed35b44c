import type { DecisionAnalysis, Evaluation } from '../../contract/evaluation.ts'
import { roundScore } from './clamp.ts'
import { consistencyScore } from './consistency-score.ts'
import { type EvidenceLimits, missingEvidence } from './evidence.ts'
import type { WindowFacts } from './measure-window.ts'
import { gradeOf, overallScore } from './overall-score.ts'
import { recommendationsOf } from './recommendations.ts'
import { returnsScore } from './returns-score.ts'
import { riskScore } from './risk-score.ts'
import { scoreTrendOf } from './score-trend.ts'

/** Where an evaluation belongs. */
export type EvaluationHeader = Pick<
  Evaluation,
  'evaluation_id' | 'run_id' | 'book' | 'market_time' | 'recorded_at' | 'window_days' | 'cause' | 'forced' | 'prompt_version'
>

interface EvaluationInput {
  readonly header: EvaluationHeader
  readonly facts: WindowFacts
  /** Null where the evidence was too little to ask, or there was no decision to look at: decision quality is 50 then. */
  readonly analysis: DecisionAnalysis | null
  /** Overall scores of the last 30 days, oldest first, without those asked for by hand. */
  readonly earlierScores: readonly number[]
  readonly limits?: EvidenceLimits
}

/** The whole evaluation but for the change it led to. Below the least evidence it has no score, and says what is missing. */
export function evaluate({ header, facts, analysis, earlierScores, limits }: EvaluationInput): Evaluation {
  const returns = returnsScore({ totalReturn: facts.report.total_return, spanMs: facts.spanMs })
  const common = {
    ...header,
    missing: [...missingEvidence(facts, limits), ...(returns === null ? ['equity above 0 at the start of the window'] : [])],
    performance_report: facts.report,
    activity: facts.activity,
    prompt_change: null,
  }
  if (common.missing.length > 0 || returns === null) {
    const nothing = { overall_score: null, component_scores: null, grade: null, trend: null, decision_analysis: null, recommendations: [] }
    return { ...common, ...nothing, status: 'insufficient_evidence' }
  }
  const scores = {
    returns: roundScore(returns),
    risk_management: roundScore(riskOf(facts)),
    decision_quality: roundScore(analysis?.decision_score ?? 50),
    consistency: roundScore(consistencyScore(facts.tradeReturns)),
  }
  const overall = roundScore(overallScore(scores))
  return {
    ...common,
    status: 'scored',
    overall_score: overall,
    component_scores: scores,
    grade: gradeOf(overall),
    trend: scoreTrendOf(header.cause === 'manual' ? earlierScores : [...earlierScores, overall]).trend,
    decision_analysis: analysis,
    recommendations: recommendationsOf({ facts, scores, analysed: analysis?.recommendations ?? [] }),
  }
}

function riskOf({ report, activity }: WindowFacts): number {
  return riskScore({
    maxDrawdown: report.max_drawdown,
    concentration: activity.max_position_concentration,
    cashRatio: activity.cash_ratio,
  })
}
