import { z } from 'zod'
import { book, decimalText, id, statistic, timestampMs } from './primitives.ts'

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

/** What the Judge found. `status` tells a score from a window with too little in it. */
export const evaluation = z.strictObject({
  evaluation_id: id,
  run_id: id,
  book,
  market_time: timestampMs,
  recorded_at: timestampMs,
  status: z.enum(['scored', 'insufficient_evidence']),
  window_days: z.number().positive(),
  forced: z.boolean(),
  overall_score: z.number().min(0).max(100).nullable(),
  component_scores: z
    .strictObject({ returns: z.number(), risk_management: z.number(), decision_quality: z.number(), consistency: z.number() })
    .nullable(),
  grade: z.enum(['A', 'B', 'C', 'D', 'F']).nullable(),
  trend: z.enum(['improving', 'stable', 'declining']).nullable(),
  performance_report: performanceReport.nullable(),
  decision_analysis: z.record(z.string(), z.json()).nullable(),
  recommendations: z.array(z.string()),
  prompt_version: z.int().positive(),
  prompt_change: z.record(z.string(), z.json()).nullable(),
})
export type Evaluation = z.infer<typeof evaluation>
