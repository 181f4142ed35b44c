import { z } from 'zod'
import { decision } from '../../contract/decision.ts'
import type { VenueFill } from '../../contract/fill.ts'
import type { ModelCall } from '../../contract/model-call.ts'
import { order } from '../../contract/order.ts'
import type { Portfolio } from '../../contract/position.ts'
import { deniedReason } from '../../risk/denied-reason.ts'

/** The part of a decision that the Judge looks at; snapshots stay in the database. */
export const judgedDecision = decision
  .pick({ id: true, market_time: true, action: true, hold_reason: true, prompt_version: true, orders: true, proposal: true })
  .extend({ blocks: z.array(deniedReason), model_calls: z.int().min(0) })
export type JudgedDecision = z.infer<typeof judgedDecision>

/** The part of an order: what it was for, and whose decision it came from. */
export const judgedOrder = order.pick({ order_id: true, correlation_id: true, side: true, type: true })
export type JudgedOrder = z.infer<typeof judgedOrder>

/** Everything that one evaluation is computed from. Lists in order of market time. */
export interface JudgeWindow {
  /** Start and end, both included, in ms of market time. */
  readonly start: number
  readonly end: number
  /** Every fill of the book up to `end`, from its first on: an exit needs its entry. */
  readonly fills: readonly VenueFill[]
  readonly equity: readonly { readonly market_time: number; readonly equity: string }[]
  /** Distance in ms of the returns behind Sharpe, Sortino, volatility and VaR. */
  readonly periodMs: number
  readonly portfolio: Pick<Portfolio, 'positions' | 'equity' | 'cash'>
  /** The rest: of the window only. */
  readonly decisions: readonly JudgedDecision[]
  readonly orders: readonly JudgedOrder[]
  readonly modelCalls: readonly Pick<ModelCall, 'cost_usd'>[]
}
