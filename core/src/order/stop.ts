import type { OrderType } from '../contract/order.ts'
import type { Decimal } from '../money/decimal.ts'

/** Prices at which a waiting exit wakes up; null where the order has none. */
export interface Trigger {
  readonly type: OrderType
  readonly stopPrice: Decimal | null
  readonly takeProfit: Decimal | null
}

/** Whether this bid wakes the exit: a stop at bid <= stop price, a take-profit at bid >= its price. Exits sell, so the bid counts. */
export function isTriggered(order: Trigger, bid: Decimal): boolean {
  switch (order.type) {
    case 'stop':
      return order.stopPrice !== null && bid.lte(order.stopPrice)
    case 'take_profit':
      return order.takeProfit !== null && bid.gte(order.takeProfit)
    default:
      return false
  }
}
