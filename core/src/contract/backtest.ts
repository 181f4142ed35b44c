import { z } from 'zod'
import { decimalText, fraction, id, positiveDecimalText, productId, statistic, timestampMs, unsignedDecimalText } from './primitives.ts'
import { liquidity } from './fill.ts'
import { orderSide } from './order.ts'
import { deniedReason } from '../risk/denied-reason.ts'

/** What to run. `fills` and `limits` choose the reference semantics of the benchmark or the honest model of paper trading. */
export const backtestConfig = z.strictObject({
  products: z.array(productId).min(1).max(20),
  data_files: z.array(z.string()).min(1),
  timeframe_ms: z.int().positive().optional(),
  from: timestampMs.optional(),
  to: timestampMs.optional(),
  strategy: z.string(),
  parameters: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])).default({}),
  initial_cash: positiveDecimalText.default('10000'),
  /** Starting worth in quote currency per product, beside `initial_cash`. */
  initial_allocations: z.record(z.string(), unsignedDecimalText).default({}),
  taker_fee_bps: z.number().min(0).max(1000).default(60),
  maker_fee_bps: z.number().min(0).max(1000).default(40),
  fills: z.enum(['reference', 'honest']).default('honest'),
  limits: z.enum(['off', 'default']).default('default'),
  intrabar: z.enum(['path', 'worst']).default('path'),
  latency_bars: z.int().min(0).max(1000).default(0),
  max_position: fraction.optional(),
  max_gross_exposure: z.number().min(0).max(1).optional(),
  cash_reserve: fraction.optional(),
  max_daily_loss: fraction.optional(),
  daily_risk_budget: fraction.optional(),
  max_trades_per_day: z.int().min(1).max(10_000).optional(),
  min_hold_minutes: z.int().min(0).optional(),
  flatten_daily: z.boolean().default(false),
  seed: z.int().default(1),
})
export type BacktestConfig = z.infer<typeof backtestConfig>

export const backtestProgress = z.strictObject({
  run_id: id,
  status: z.enum(['queued', 'running', 'completed', 'failed', 'cancelled']),
  phase: z.enum(['load', 'simulate', 'report', 'done']),
  progress: fraction,
  bars_total: z.int().min(0),
  bars_done: z.int().min(0),
  bars_per_second: statistic,
  market_time: timestampMs.nullable(),
  eta_s: statistic,
  error: z.string().nullable(),
})
export type BacktestProgress = z.infer<typeof backtestProgress>

export const equityPoint = z.strictObject({ market_time: timestampMs, equity: decimalText, drawdown: fraction })

export const backtestFill = z.strictObject({
  market_time: timestampMs,
  product: z.string(),
  side: orderSide,
  quantity: positiveDecimalText,
  price: positiveDecimalText,
  fee: unsignedDecimalText,
  liquidity,
  realized_pnl: decimalText,
  reason: z.string(),
})

export const roundTrip = z.strictObject({
  product: z.string(),
  opened_at: timestampMs,
  closed_at: timestampMs,
  quantity: positiveDecimalText,
  entry_price: positiveDecimalText,
  exit_price: positiveDecimalText,
  fees: unsignedDecimalText,
  realized_pnl: decimalText,
  return_pct: z.number(),
})

export const dailyReport = z.strictObject({
  /** UTC day, `2018-04-04`. */
  date: z.iso.date(),
  start_equity: decimalText,
  end_equity: decimalText,
  return_pct: z.number(),
  trades: z.int().min(0),
  realized_pnl: decimalText,
  unrealized_pnl: decimalText,
  fees: unsignedDecimalText,
  blocks: z.partialRecord(deniedReason, z.int().positive()),
  risk_budget: z.strictObject({ total: unsignedDecimalText, used: unsignedDecimalText }).nullable(),
  product_pnl: z.record(z.string(), decimalText),
  decisions: z.int().min(0).nullable(),
  model_calls: z.int().min(0).nullable(),
  model_cost_usd: decimalText.nullable(),
  judge_notes: z.string().nullable(),
})
export type DailyReport = z.infer<typeof dailyReport>

export const backtestResult = z.strictObject({
  run_id: id,
  config: backtestConfig,
  fills: z.int().min(0),
  trades: z.int().min(0),
  final_equity: decimalText,
  return_pct: z.number(),
  max_drawdown: statistic,
  max_drawdown_duration_ms: z.int().min(0).nullable(),
  sharpe: statistic,
  sortino: statistic,
  calmar: statistic,
  volatility: statistic,
  var_95: statistic,
  win_rate: statistic,
  profit_factor: statistic,
  expectancy: decimalText.nullable(),
  average_win: decimalText.nullable(),
  average_loss: decimalText.nullable(),
  exposure: fraction,
  turnover: statistic,
  fees: unsignedDecimalText,
  buy_and_hold_return_pct: z.number(),
  bars: z.int().min(0),
  bars_per_second: z.number().min(0),
  daily_reports: z.array(dailyReport),
})
export type BacktestResult = z.infer<typeof backtestResult>
