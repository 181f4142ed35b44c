import type { OrderSide, TimeInForce } from '../../contract/order.ts'
import type { Liquidity } from '../../contract/fill.ts'

export type KernelOrderType = 'market' | 'limit' | 'stop' | 'take_profit' | 'trailing_stop'

/** The exits that an entry arms as it fills; 0 where there is none. */
export interface Protection {
  readonly stopPrice: number
  readonly takeProfit: number
  /** Fraction below the highest bid. */
  readonly trailingStop: number
}

/** An open order. It changes in place: an order lives in one list only, and a copy per tick would be most of a run's work. */
export interface WorkingOrder {
  readonly number: number
  readonly side: OrderSide
  readonly type: KernelOrderType
  readonly timeInForce: TimeInForce
  /** The entry that an exit protects; null for every other order. */
  readonly parent: WorkingOrder | null
  readonly protection: Protection | null
  readonly reason: string
  /** Waits for its trigger. */
  isArmed: boolean
  isOver: boolean
  /** What the present tick did to it, until that is settled; the price and quantity where it filled. */
  outcome: 'filled' | 'ended' | 'triggered' | null
  fillPrice: number
  fillQuantity: number
  quantity: number
  filled: number
  fillCount: number
  /** Of its last fill: base units, and whether the position was flat before it or after it. */
  lastFill: number
  hasOpened: boolean
  hasClosed: boolean
  /** Share of the free cash to spend, made a quantity at the fill (reference fills); 0 otherwise. */
  readonly cashFraction: number
  /** Infinity for a BUY and 0 for a SELL that take what the market gives. */
  readonly limitPrice: number
  /** Trigger of an armed exit: at or below for stops, at or above for take-profits. A trailing stop's rises. */
  triggerPrice: number
  readonly trailingStop: number
  readonly placedAt: number
  /** Sees ticks from this market time on; at those from `expiresAt` on it is over. */
  activeFrom: number
  readonly expiresAt: number
  /** Decided at its first tick; null before. */
  liquidity: Liquidity | null
  /** What it holds: cash of a BUY, base units of a SELL. */
  held: number
}
