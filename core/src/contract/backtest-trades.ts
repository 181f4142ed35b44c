import { z } from 'zod'
import { deniedReason } from '../risk/denied-reason.ts'
import { liquidity } from './fill.ts'
import { orderSide, orderType } from './order.ts'
import { decimalText, fraction, positiveDecimalText, statistic, timestampMs, unsignedDecimalText } from './primitives.ts'

/** Refused orders by reason. */
export const blockCounts = z.partialRecord(deniedReason, z.int().positive())
export type BlockCounts = z.infer<typeof blockCounts>

/** Equity at a market time and how far below its peak it is. */
export const equityPoint = z.strictObject({ market_time: timestampMs, equity: decimalText, drawdown: fraction })
export type EquityPoint = z.infer<typeof equityPoint>

/** One execution. Orders are numbered from 1 within a run, fills of an order from 1 within it. */
export const backtestFill = z.strictObject({
  market_time: timestampMs,
  order: z.int().positive(),
  trade: z.int().positive(),
  product: z.string(),
  side: orderSide,
  type: orderType,
  quantity: positiveDecimalText,
  price: positiveDecimalText,
  /** Quantity x price, rounded against us; fee beside it. */
  notional: unsignedDecimalText,
  fee: unsignedDecimalText,
  liquidity,
  /** Net of both fees; zero for a BUY. */
  realized_pnl: decimalText,
  position_after: unsignedDecimalText,
  cash_after: decimalText,
  /** What the strategy said, or `stop`, `take_profit`, `trailing_stop`, `flatten_daily`. */
  reason: z.string(),
})
export type BacktestFill = z.infer<typeof backtestFill>

/** An order that was refused. */
export const backtestBlock = z.strictObject({
  market_time: timestampMs,
  product: z.string(),
  side: orderSide,
  type: orderType,
  notional: unsignedDecimalText,
  reason: deniedReason,
  /** A sentence with the numbers that decided. */
  detail: z.string(),
})
export type BacktestBlock = z.infer<typeof backtestBlock>

/** A closed trade: one exit order, all its fills together, against the average cost of what it sold. */
export const backtestRoundTrip = z.strictObject({
  product: z.string(),
  opened_at: timestampMs,
  closed_at: timestampMs,
  quantity: positiveDecimalText,
  /** Averages over the fills, without fees. */
  entry_price: unsignedDecimalText,
  exit_price: unsignedDecimalText,
  fees: unsignedDecimalText,
  realized_pnl: decimalText,
  /** Realized / cost of entry. */
  return_pct: z.number(),
  exit_reason: z.string(),
})
export type BacktestRoundTrip = z.infer<typeof backtestRoundTrip>

/** One UTC day. Amounts in quote currency. */
export const dailyReport = z.strictObject({
  /** `2018-04-04`. */
  date: z.iso.date(),
  start_equity: decimalText,
  end_equity: decimalText,
  return_pct: z.number(),
  /** Largest fall from a peak within the day, a fraction. */
  max_drawdown: fraction,
  /** Orders accepted, fills, and closed trades with how many of them won. */
  orders: z.int().min(0),
  fills: z.int().min(0),
  trades: z.int().min(0),
  wins: z.int().min(0),
  /** end - start = realized + change of unrealized: the breakdown of the day. Realized is net of both fees. */
  realized_pnl: decimalText,
  unrealized_change: decimalText,
  fees: unsignedDecimalText,
  /** Equity change by product; they add up to end - start. */
  product_pnl: z.record(z.string(), decimalText),
  blocks: blockCounts,
  /** Null with limits off. `used`: what the day's entries risked down to their stops. */
  risk_budget: z.strictObject({ total: unsignedDecimalText, used: unsignedDecimalText, utilization_pct: statistic }).nullable(),
  /** Market value of what was held over midnight, by product. */
  positions_end: z.record(z.string(), unsignedDecimalText),
  /** Of an agent's run; null otherwise. */
  decisions: z.int().min(0).nullable(),
  model_calls: z.int().min(0).nullable(),
  model_cost_usd: unsignedDecimalText.nullable(),
  /** Absent (null) until the Judge takes part in backtests. */
  judge_notes: z.string().nullable(),
})
export type DailyReport = z.infer<typeof dailyReport>
