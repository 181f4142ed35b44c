import type { Liquidity } from '../contract/fill.ts'
import type { OrderState } from '../contract/order.ts'
import { type Decimal, zero } from '../money/decimal.ts'
import type { OpenOrder } from './open-order.ts'

/** One execution. Notional and fee in quote currency, both already rounded against us. `order` is the order after it. */
export interface MatchedFill {
  readonly type: 'fill'
  readonly order: OpenOrder
  /** Counted from 1 within the order. */
  readonly tradeId: string
  readonly quantity: Decimal
  readonly price: Decimal
  readonly notional: Decimal
  readonly fee: Decimal
  readonly liquidity: Liquidity
  readonly marketTime: number
}

/** An armed exit woke up. It stays among the orders, armed, until the caller has reserved for it and wakes it (`wakeOrder`). */
export interface ExitTriggered {
  readonly type: 'triggered'
  readonly order: OpenOrder
  readonly bid: Decimal
  readonly marketTime: number
}

/** The order is over. */
export interface OrderClosed {
  readonly type: 'closed'
  readonly order: OpenOrder
  readonly state: Extract<OrderState, 'FILLED' | 'CANCELLED' | 'EXPIRED' | 'ABORTED'>
  readonly reason: string
  readonly marketTime: number
}

export type MatchOutcome = MatchedFill | ExitTriggered | OrderClosed

/** What one tick did to one order: `order` is null once it is over, `filled` is in base units. */
export interface MatchStep {
  readonly outcomes: readonly MatchOutcome[]
  readonly order: OpenOrder | null
  readonly filled: Decimal
}

export function unchanged(order: OpenOrder): MatchStep {
  return { outcomes: [], order, filled: zero }
}

export function closed(outcome: Omit<OrderClosed, 'type'>): MatchStep {
  return { outcomes: [{ type: 'closed', ...outcome }], order: null, filled: zero }
}
