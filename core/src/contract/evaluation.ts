import { z } from 'zod'
import { deniedReason } from '../risk/denied-reason.ts'
import { holdReason } from '../agent/hold-reason.ts'
import { book, decimalText, id, statistic, timestampMs, unsignedDecimalText } from './primitives.ts'

export const performanceReport = z.strictObject({
  start: timestampMs,
  end: timestampMs,
  total_return: statistic,
  annualized_return: statistic,
  volatility: statistic,
  sharpe: statistic,
  sortino: statistic,
  calmar: statistic,
  max_drawdown: statistic,
  var_95: statistic,
  closed_trades: z.int().min(0),
  win_rate: statistic,
  average_win: decimalText.nullable(),
  average_loss: decimalText.nullable(),
  profit_factor: statistic,
  expectancy: decimalText.nullable(),
  fees: decimalText,
})

/** Points from 0 to 100. */
export const score = z.number().min(0).max(100)

export const componentScores = z.strictObject({ returns: score, risk_management: score, decision_quality: score, consistency: score })
export type ComponentScores = z.infer<typeof componentScores>

export const grade = z.enum(['A', 'B', 'C', 'D', 'F'])
export type Grade = z.infer<typeof grade>

/** Where scores are going: the mean of the second half of them minus that of the first. */
export const scoreTrend = z.strictObject({
  trend: z.enum(['improving', 'stable', 'declining']),
  avg_score: statistic,
  evaluations_count: z.int().min(0),
  improvement: statistic,
})
export type ScoreTrend = z.infer<typeof scoreTrend>

/** What was done in a window, beside what came of it. */
export const windowActivity = z.strictObject({
  decisions: z.int().min(0),
  trade_decisions: z.int().min(0),
  holds: z.partialRecord(holdReason, z.int().positive()),
  blocks: z.partialRecord(deniedReason, z.int().positive()),
  /** BUY orders that filled, and per day of the window (at least one day). */
  entries: z.int().min(0),
  entries_per_day: z.number().min(0),
  average_entry: unsignedDecimalText.nullable(),
  largest_entry: unsignedDecimalText.nullable(),
  stop_exits: z.int().min(0),
  loss_streak: z.int().min(0),
  model_calls: z.int().min(0),
  model_cost_usd: unsignedDecimalText,
  /** At the window's end. */
  max_position_concentration: statistic,
  cash_ratio: statistic,
})
export type WindowActivity = z.infer<typeof windowActivity>

/** What one sampled decision was worth. `timing` is null where nothing was timed: a HOLD. */
export const decisionReview = z.strictObject({ decision_id: id, quality: score, timing: score.nullable(), reason: z.string().max(300) })
export type DecisionReview = z.infer<typeof decisionReview>

/** The analysis of a sample of decisions with their outcomes, by a model or by the rubric. */
export const decisionAnalysis = z.strictObject({
  /** `rubric` for the rules of `core/judge/analysis/rubric`. */
  model: z.string(),
  /** Why a model's own answer was not used; null where it was, or none was asked. */
  fallback_reason: z.string().nullable(),
  decision_score: score,
  timing_score: score,
  notes: z.string(),
  decision_reasons: z.array(z.string()),
  timing_reasons: z.array(z.string()),
  decisions: z.array(decisionReview),
  recommendations: z.array(z.string()),
  /** Wording and policy values that the model proposes; judged by code before any use. */
  proposal: z.json().nullable(),
  /** Decisions of the window that a sample could be taken from. */
  population: z.int().min(0),
})
export type DecisionAnalysis = z.infer<typeof decisionAnalysis>

export const evaluationCause = z.enum(['schedule', 'losses', 'manual'])
export type EvaluationCause = z.infer<typeof evaluationCause>

/** What the Judge found. `status` tells a score from a window with too little in it; `missing` says what was too little. */
export const evaluation = z.strictObject({
  evaluation_id: id,
  run_id: id,
  book,
  market_time: timestampMs,
  recorded_at: timestampMs,
  status: z.enum(['scored', 'insufficient_evidence']),
  missing: z.array(z.string()),
  window_days: z.number().positive(),
  /** What it was made for. One asked for by hand (`manual`) is shown, and never counted in a trend or a cadence. */
  cause: evaluationCause,
  /** Asked for by hand within the cool-down. */
  forced: z.boolean(),
  overall_score: score.nullable(),
  component_scores: componentScores.nullable(),
  grade: grade.nullable(),
  trend: scoreTrend.shape.trend.nullable(),
  performance_report: performanceReport.nullable(),
  activity: windowActivity,
  decision_analysis: decisionAnalysis.nullable(),
  recommendations: z.array(z.string()),
  prompt_version: z.int().positive(),
  prompt_change: z.record(z.string(), z.json()).nullable(),
})
export type Evaluation = z.infer<typeof evaluation>
