import type { Decimal } from '../money/decimal.ts'
import type { Quote } from '../order/quote.ts'
import type { FillModel } from '../order/fill-model.ts'
import type { Bounds } from './bounds.ts'
import type { Denied } from './denied-reason.ts'
import type { RiskLimits } from './limits.ts'
import type { SizedOrder } from './order-size.ts'
import type { OrderAuthor } from './risk-snapshot.ts'
import type { RiskState } from './risk-state.ts'

/** What one order is judged by. */
export interface RuleInput {
  readonly order: SizedOrder
  /** Quote currency that this order risks. */
  readonly risk: Decimal
  readonly quote: Quote
  readonly state: RiskState
  readonly limits: RiskLimits
  readonly bounds: Bounds
  readonly model: FillModel
  readonly author: OrderAuthor
  readonly marketTime: number
}

/** A rule refuses with a sentence that has its numbers, or has no objection. */
export type Rule = (input: RuleInput) => Denied | null

/** Entries add risk; whatever sells only takes it away, because positions are long only. */
export function isEntry(order: SizedOrder): boolean {
  return order.side === 'BUY'
}
