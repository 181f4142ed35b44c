import type { Liquidity } from '../contract/fill.ts'
import type { Order, OrderSide, OrderType, TimeInForce } from '../contract/order.ts'
import { decimal, type Decimal } from '../money/decimal.ts'

/** What matching needs to know of an open order. */
export interface OpenOrder {
  readonly orderId: string
  /** The entry this exit protects; null for every other order. */
  readonly parentOrderId: string | null
  readonly side: OrderSide
  readonly type: OrderType
  readonly timeInForce: TimeInForce
  /** Waits for its trigger; fills only after it. */
  readonly isArmed: boolean
  /** Base units, a multiple of the product's increment. */
  readonly quantity: Decimal
  readonly filledQuantity: Decimal
  readonly fillCount: number
  /** Null: take what the market gives. */
  readonly limitPrice: Decimal | null
  readonly stopPrice: Decimal | null
  readonly takeProfit: Decimal | null
  /** The order sees ticks with market_time >= this (ms), and none before. */
  readonly activeFrom: number
  /** At ticks from this time on (ms) the order has expired; null: never. */
  readonly expiresAt: number | null
  /** Decided at the first tick it sees and kept: taker where it could fill at once, maker where it had to rest. Null before. */
  readonly liquidity: Liquidity | null
}

/**
 * A stored order as the matcher wants it. `activeFrom` is the order's market time, or one ms after the tick that triggered
 * it; `liquidity` and `fillCount` are what matching left of earlier ticks.
 */
export function openOrder(
  order: Order,
  matched: { readonly activeFrom: number; readonly liquidity: Liquidity | null; readonly fillCount: number },
): OpenOrder {
  return {
    orderId: order.order_id,
    parentOrderId: order.parent_order_id,
    side: order.side,
    type: order.type,
    timeInForce: order.time_in_force,
    isArmed: order.state === 'ARMED',
    quantity: decimal(order.quantity),
    filledQuantity: decimal(order.filled_quantity),
    fillCount: matched.fillCount,
    limitPrice: decimalOrNull(order.limit_price),
    stopPrice: decimalOrNull(order.stop_price),
    takeProfit: decimalOrNull(order.take_profit),
    activeFrom: matched.activeFrom,
    expiresAt: order.expires_at,
    liquidity: matched.liquidity,
  }
}

/** The exit after a tick woke it: it has seen that tick, so it fills from the next one on. */
export function wakeOrder(order: OpenOrder, triggeredAt: number): OpenOrder {
  return { ...order, isArmed: false, activeFrom: triggeredAt + 1 }
}

export function remainingQuantity(order: OpenOrder): Decimal {
  return order.quantity.minus(order.filledQuantity)
}

/** Whether the order sees a tick of this time (ms). */
export function isActive(order: OpenOrder, marketTime: number): boolean {
  return marketTime >= order.activeFrom
}

export function isExpired(order: OpenOrder, marketTime: number): boolean {
  return order.expiresAt !== null && marketTime >= order.expiresAt
}

function decimalOrNull(text: string | null): Decimal | null {
  return text === null ? null : decimal(text)
}
