import { z } from 'zod'
import { decimalText, fraction, id, statistic, timestampMs } from './primitives.ts'

/** What a run is measured against, over the same candles, cash and costs. */
export const benchmark = z.strictObject({
  name: z.enum(['buy-and-hold', 'random-entry']),
  final_equity: decimalText,
  return_pct: z.number(),
  max_drawdown: statistic,
  sharpe: statistic,
})
export type Benchmark = z.infer<typeof benchmark>

/** How likely the result is luck. */
export const significance = z.strictObject({
  /** Returns they are computed from, and their distance. */
  observations: z.int().min(0),
  period_ms: z.int().positive(),
  skewness: statistic,
  kurtosis: statistic,
  /** Probability that the true Sharpe ratio is above 0 (Bailey and Lopez de Prado 2012). */
  probabilistic_sharpe: fraction.nullable(),
  /** The same above the best that `trials` useless strategies would show (Bailey and Lopez de Prado 2014). */
  deflated_sharpe: fraction.nullable(),
  /** How many parameter sets were tried before this one was shown. 1: none but this. */
  trials: z.int().min(1),
  /** Variance of the trials' Sharpe ratios and the best to expect of them by chance, per period. */
  trial_sharpe_variance: statistic,
  expected_max_sharpe: statistic,
  /** Stationary bootstrap (Politis and Romano 1994) of the mean excess return over buy-and-hold; one-sided. */
  bootstrap: z
    .strictObject({ samples: z.int().positive(), mean_block: z.number().positive(), mean_excess_pct: z.number(), p_value: fraction })
    .nullable(),
  /** Share of random-entry runs, as often and as long in the market, that did at least as well. */
  random_entry: z.strictObject({ runs: z.int().positive(), mean_return_pct: z.number(), p_value: fraction }).nullable(),
})
export type Significance = z.infer<typeof significance>

const parameters = z.record(z.string(), z.union([z.number(), z.boolean(), z.string()]))

/** What a trial's worth is measured by. */
export const objective = z.enum(['return', 'sharpe', 'sortino', 'calmar', 'profit_factor'])
export type Objective = z.infer<typeof objective>

/** The few figures by which trials and folds are compared. */
export const trialFigures = z.strictObject({
  return_pct: z.number(),
  final_equity: decimalText,
  max_drawdown: statistic,
  sharpe: statistic,
  sortino: statistic,
  calmar: statistic,
  profit_factor: statistic,
  trades: z.int().min(0),
  fills: z.int().min(0),
})
export type TrialFigures = z.infer<typeof trialFigures>

/** A parameter search: every trial, refused ones (an invalid combination) with their error. */
export const sweepReport = z.strictObject({
  run_id: id,
  search: z.enum(['grid', 'random', 'tpe']),
  objective,
  seed: z.int(),
  trials: z.array(z.strictObject({ index: z.int().min(0), parameters, figures: trialFigures.nullable(), error: z.string().nullable() })),
  /** Index of the best trial; null where none ran. */
  best: z.int().min(0).nullable(),
  significance: significance.nullable(),
  bars_per_second: z.number().min(0),
})
export type SweepReport = z.infer<typeof sweepReport>

export const sweepProgress = z.strictObject({
  run_id: id,
  status: z.enum(['queued', 'running', 'completed', 'failed', 'cancelled']),
  trials_total: z.int().min(0),
  trials_done: z.int().min(0),
  best: statistic,
  eta_s: statistic,
  error: z.string().nullable(),
})
export type SweepProgress = z.infer<typeof sweepProgress>

/** Parameters chosen on one span and tried on another, fold by fold. Spans are [from, to). */
export const walkForwardReport = z.strictObject({
  run_id: id,
  method: z.enum(['walk_forward', 'k_fold']),
  /** Walk-forward: whether training starts at the beginning each time or moves along. Null for k-fold. */
  window: z.enum(['anchored', 'rolling']).nullable(),
  train_ms: z.int().positive().nullable(),
  test_ms: z.int().positive(),
  step_ms: z.int().positive().nullable(),
  /** Left out of training before a test span (what its trades may reach into) and after it. */
  purge_ms: z.int().min(0),
  embargo_ms: z.int().min(0),
  objective,
  folds: z.array(
    z.strictObject({
      index: z.int().min(0),
      train: z.array(z.strictObject({ from: timestampMs, to: timestampMs })),
      test: z.strictObject({ from: timestampMs, to: timestampMs }),
      parameters,
      trials: z.int().min(1),
      in_sample: trialFigures,
      out_of_sample: trialFigures,
    }),
  ),
  /** All test spans joined. */
  out_of_sample: trialFigures,
  /** Mean objective out of sample / in sample; null where the latter is not positive. */
  efficiency: statistic,
  trials: z.int().min(1),
  significance: significance.nullable(),
})
export type WalkForwardReport = z.infer<typeof walkForwardReport>

/** The same run on data cut off at many instants: whatever differs before a cut has seen the future. */
export const lookaheadReport = z.strictObject({
  ok: z.boolean(),
  strategy: z.string(),
  truncations: z.int().min(0),
  instants: z.int().min(0),
  signals_compared: z.int().min(0),
  prompts_compared: z.int().min(0),
  leaks: z.array(
    z.strictObject({
      kind: z.enum(['order', 'signal', 'prompt', 'refused_read', 'candle']),
      market_time: timestampMs,
      product: z.string().nullable(),
      /** What was done with all data and with the data up to here. */
      full: z.string(),
      truncated: z.string(),
    }),
  ),
})
export type LookaheadReport = z.infer<typeof lookaheadReport>

/** An agent's run against the same one masked. A gap says that the model remembers, not that it reads. */
export const memorisationReport = z.strictObject({
  run_id: id,
  masked_run_id: id,
  return_pct: z.number(),
  masked_return_pct: z.number(),
  gap_pct: z.number(),
  decisions_compared: z.int().min(0),
  decisions_different: z.int().min(0),
})
export type MemorisationReport = z.infer<typeof memorisationReport>
