import type { OrderSide } from '../contract/order.ts'
import type { Tick } from '../contract/tick.ts'
import { decimal, type Decimal } from '../money/decimal.ts'

/** A tick as numbers to calculate with. */
export interface Quote {
  readonly marketTime: number
  readonly price: Decimal
  readonly bid: Decimal
  readonly ask: Decimal
  readonly candleVolume: Decimal
  readonly lastMinuteNotional: Decimal | null
}

export function quoteOf(tick: Tick): Quote {
  return {
    marketTime: tick.market_time,
    price: decimal(tick.price),
    bid: decimal(tick.bid),
    ask: decimal(tick.ask),
    candleVolume: decimal(tick.candle_volume),
    lastMinuteNotional: tick.last_minute_notional === null ? null : decimal(tick.last_minute_notional),
  }
}

/** The price on the other side of the book: what a BUY pays and a SELL gets before impact. */
export function touch(quote: Quote, side: OrderSide): Decimal {
  return side === 'BUY' ? quote.ask : quote.bid
}
