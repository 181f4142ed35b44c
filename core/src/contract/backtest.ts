import { z } from 'zod'
import { riskLimits } from '../risk/limits.ts'
import { blockCounts, dailyReport } from './backtest-trades.ts'
import { benchmark, significance } from './backtest-studies.ts'
import {
  decimalText,
  fraction,
  id,
  positiveDecimalText,
  productId,
  sha256Hex,
  statistic,
  timestampMs,
  unsignedDecimalText,
} from './primitives.ts'

/** A strategy's parameters by name. The strategy's own table knows their types, bounds and defaults. */
export const backtestParameters = z.record(z.string().max(64), z.union([z.number().finite(), z.boolean(), z.string().max(200)]))
export type BacktestParameters = z.infer<typeof backtestParameters>

/** How `--strategy agent` decides: the Execution agent's own code over history. Absent for every other strategy. */
export const backtestAgent = z.strictObject({
  /** `offline` or a vendor's model such as `openai:gpt-4o`. */
  model: z.string().max(100).default('offline'),
  /** Null: the first prompt version. */
  prompt_version: z.int().positive().nullable().default(null),
  nudge_seconds: z.int().min(1).max(86_400).default(25),
  /** `recorded` answers from the cache only and fails on a prompt that is not in it. */
  replies: z.enum(['live', 'recorded']).default('live'),
  max_calls_per_day: z.int().min(1).max(100_000).nullable().default(null),
  budget_usd: unsignedDecimalText.nullable().default(null),
  /** Hides what a model may remember: products renamed, prices rescaled, dates shifted. */
  masked: z.boolean().default(false),
})
export type BacktestAgent = z.infer<typeof backtestAgent>

const limit = riskLimits.shape

/** The limits that a run may replace; what is left out keeps the table's value (`core/risk/limits`). */
export const backtestRisk = z.strictObject({
  max_position: limit.max_position.unwrap().optional(),
  max_gross_exposure: limit.max_gross_exposure.unwrap().optional(),
  cash_reserve: limit.cash_reserve.unwrap().optional(),
  max_daily_loss: limit.max_daily_loss.unwrap().optional(),
  daily_risk_budget: limit.daily_risk_budget.unwrap().optional(),
  max_orders_per_day: limit.max_orders_per_day.unwrap().optional(),
  min_notional: limit.min_notional.unwrap().optional(),
  cool_down_seconds: limit.cool_down_seconds.unwrap().optional(),
  duplicate_window_seconds: limit.duplicate_window_seconds.unwrap().optional(),
  max_limit_deviation: limit.max_limit_deviation.unwrap().optional(),
  max_spread: limit.max_spread.unwrap().optional(),
  price_buffer: limit.price_buffer.unwrap().optional(),
  cost_gate_buffer: limit.cost_gate_buffer.unwrap().optional(),
  risk_atr_multiple: limit.risk_atr_multiple.unwrap().optional(),
  assumed_atr_pct: limit.assumed_atr_pct.unwrap().optional(),
})
export type BacktestRisk = z.infer<typeof backtestRisk>

/**
 * What to run, as it is asked for. Amounts in quote currency, fractions of equity. What is left out takes the value that
 * `resolvedBacktestConfig` shows in a result: the files' products and span, the strategy's own fills and limits.
 */
export const backtestConfig = z.strictObject({
  /** A name for people; runs of one label are found together. */
  label: z.string().max(100).optional(),
  /** Candle files (`BTC-USD=path` where the name does not say the product), or names of the data catalogue. */
  data: z.array(z.string().min(1).max(4096)).min(1).max(50),
  /** Default: every product that the data has. */
  products: z.array(productId).min(1).max(20).optional(),
  /** Default: the data's; a longer one is made by resampling. */
  timeframe_ms: z.int().positive().max(2_678_400_000).optional(),
  /** First and last instant that is traded, start of candle >= from and < to. Warm-up comes before `from` where there is data. */
  from: timestampMs.optional(),
  to: timestampMs.optional(),
  /** A name of the library, `agent`, or the path of a TypeScript or JavaScript file. */
  strategy: z.string().min(1).max(4096),
  parameters: backtestParameters.default({}),
  initial_cash: unsignedDecimalText.default('10000'),
  /** Worth in quote currency per product, held from the first candle on at its open, without a fee. Beside `initial_cash`. */
  initial_allocations: z.record(productId, positiveDecimalText).default({}),
  taker_fee_bps: z.number().min(0).max(1000).default(60),
  maker_fee_bps: z.number().min(0).max(1000).default(40),
  /** Honest fills only: width of the quote, impact of an order as large as the last minute, share of a candle that may be taken. */
  spread_bps: z.number().min(0).max(1000).default(2),
  impact_bps: z.number().min(0).max(1000).default(10),
  max_participation: z.number().positive().max(1).default(0.1),
  /** `reference`: the benchmark's rule, at the open without spread, impact, volume or rounding. `honest`: paper trading's. */
  fills: z.enum(['reference', 'honest']).optional(),
  /** `off`: only what cannot be is refused (no cash, no holdings, no price). */
  limits: z.enum(['off', 'default']).optional(),
  /** Order of a candle's extremes: the nearer to the open first, or the one that hurts first. */
  intrabar: z.enum(['path', 'worst']).default('path'),
  /** Whole candles between a decision and the first one its order may meet, beside the one that follows it anyway. */
  latency_bars: z.int().min(0).max(1000).default(0),
  /** Has no effect with limits `off`. */
  risk: backtestRisk.default({}),
  min_hold_minutes: z.int().min(0).max(525_600).default(0),
  /** Sells everything at the last candle of each UTC day, at market. */
  flatten_daily: z.boolean().default(false),
  seed: z.int().min(0).default(1),
  agent: backtestAgent.optional(),
})
export type BacktestConfig = z.infer<typeof backtestConfig>
/** A config as a person or tool writes it, defaults left out. */
export type BacktestRequest = z.input<typeof backtestConfig>

/** A config with nothing left open, as it ran. */
export const resolvedBacktestConfig = backtestConfig.required({
  products: true,
  timeframe_ms: true,
  from: true,
  to: true,
  fills: true,
  limits: true,
})
export type ResolvedBacktestConfig = z.infer<typeof resolvedBacktestConfig>

export const backtestStatus = z.enum(['queued', 'running', 'completed', 'failed', 'cancelled'])
export type BacktestStatus = z.infer<typeof backtestStatus>

export const backtestProgress = z.strictObject({
  run_id: id,
  status: backtestStatus,
  phase: z.enum(['load', 'simulate', 'report', 'done']),
  progress: fraction,
  bars_total: z.int().min(0),
  bars_done: z.int().min(0),
  bars_per_second: statistic,
  market_time: timestampMs.nullable(),
  eta_s: statistic,
  fills: z.int().min(0),
  equity: decimalText.nullable(),
  /** Of an agent's run; null otherwise. */
  decisions: z.int().min(0).nullable(),
  model_calls: z.int().min(0).nullable(),
  latest_log: z.array(z.string().max(300)).max(8),
  error: z.string().nullable(),
})
export type BacktestProgress = z.infer<typeof backtestProgress>

/** Where the candles of a run came from, so that it can be told whether two runs saw the same. */
export const backtestData = z.strictObject({
  product: z.string(),
  file: z.string(),
  sha256: sha256Hex.nullable(),
  rows: z.int().min(0),
  timeframe_ms: z.int().positive(),
  first: timestampMs,
  last: timestampMs,
  /** Spans without a candle, and the candles missing in them. */
  gaps: z.int().min(0),
  missing: z.int().min(0),
})
export type BacktestData = z.infer<typeof backtestData>

/** Figures of one run or of a part of it. Returns of `period_ms` distance, a year of 365 days; `_pct` is per cent, the rest fractions. */
export const backtestFigures = z.strictObject({
  fills: z.int().min(0),
  /** Closed ones: exit orders with all their fills. */
  trades: z.int().min(0),
  initial_equity: decimalText,
  final_equity: decimalText,
  return_pct: z.number(),
  annualized_return: statistic,
  max_drawdown: statistic,
  max_drawdown_duration_ms: z.int().min(0).nullable(),
  sharpe: statistic,
  sortino: statistic,
  calmar: statistic,
  volatility: statistic,
  var_95: statistic,
  period_ms: z.int().positive(),
  win_rate: statistic,
  profit_factor: statistic,
  expectancy: decimalText.nullable(),
  average_win: decimalText.nullable(),
  average_loss: decimalText.nullable(),
  /** Share of the time with a position. */
  exposure: fraction.nullable(),
  /** Notional of all fills / mean equity, per year. */
  turnover: statistic,
  fees: unsignedDecimalText,
  /** Fees / initial equity: what the run would have returned more without them, compounding aside. */
  fee_drag: statistic,
})
export type BacktestFigures = z.infer<typeof backtestFigures>

export const backtestResult = backtestFigures.extend({
  run_id: id,
  config: resolvedBacktestConfig,
  data: z.array(backtestData),
  /** What a reader must know: `reference fills: no spread, no impact`, a model that may remember these dates, ... */
  notes: z.array(z.string()),
  realized_pnl: decimalText,
  unrealized_pnl: decimalText,
  positions: z.array(z.strictObject({ product: z.string(), quantity: unsignedDecimalText, market_value: unsignedDecimalText })),
  open_orders: z.int().min(0),
  blocks: blockCounts,
  bars: z.int().min(0),
  warm_up_bars: z.int().min(0),
  /** Bars / seconds of simulation, loading and reporting aside. Wall-clock figures: two identical runs differ in them alone. */
  bars_per_second: z.number().min(0),
  seconds: z.strictObject({ load: z.number(), simulate: z.number(), report: z.number() }),
  started_at: timestampMs,
  completed_at: timestampMs,
  daily_reports: z.array(dailyReport),
  benchmarks: z.array(benchmark),
  /** Null where nobody asked for it or there is too little to say. */
  significance: significance.nullable(),
  /** Of an agent's run; null otherwise. */
  agent: z
    .strictObject({
      decisions: z.int().min(0),
      model_calls: z.int().min(0),
      cached_replies: z.int().min(0),
      cost_usd: unsignedDecimalText,
      tokens_in: z.int().min(0),
      tokens_out: z.int().min(0),
      /** Whether the span lies before or after what the model was trained on. */
      knowledge: z.enum(['before_cutoff', 'after_cutoff', 'across_cutoff', 'unknown']),
    })
    .nullable(),
})
export type BacktestResult = z.infer<typeof backtestResult>

/** One row of `backtest list`; figures are null until a run is completed. */
export const backtestSummary = z.strictObject({
  run_id: id,
  label: z.string().nullable(),
  status: backtestStatus,
  strategy: z.string(),
  parameters: backtestParameters,
  products: z.array(z.string()),
  timeframe_ms: z.int().positive().nullable(),
  from: timestampMs.nullable(),
  to: timestampMs.nullable(),
  started_at: timestampMs,
  completed_at: timestampMs.nullable(),
  initial_equity: decimalText.nullable(),
  final_equity: decimalText.nullable(),
  return_pct: statistic,
  buy_and_hold_return_pct: statistic,
  max_drawdown: statistic,
  sharpe: statistic,
  win_rate: statistic,
  fills: z.int().min(0).nullable(),
  trades: z.int().min(0).nullable(),
  fees: unsignedDecimalText.nullable(),
  bars: z.int().min(0).nullable(),
  bars_per_second: statistic,
  error: z.string().nullable(),
})
export type BacktestSummary = z.infer<typeof backtestSummary>

/** Runs side by side, and every field in which their configs differ. `same_data`: whether all saw the same candles. */
export const backtestComparison = z.strictObject({
  runs: z.array(backtestSummary).min(2),
  differences: z.array(z.strictObject({ field: z.string(), values: z.array(z.json()) })),
  same_data: z.boolean(),
})
export type BacktestComparison = z.infer<typeof backtestComparison>
