import type { VenueFill } from '../contract/fill.ts'
import { toText } from '../money/decimal.ts'
import type { MatchedFill } from './match-outcome.ts'
import { fillId } from './order-id.ts'

/** A matched fill as the paper venue reports it. */
export function venueFill(fill: MatchedFill, product: string): VenueFill {
  const { orderId, side } = fill.order
  return {
    fill_id: fillId({ orderId, tradeId: fill.tradeId }),
    order_id: orderId,
    trade_id: fill.tradeId,
    product,
    side,
    quantity: toText(fill.quantity),
    price: toText(fill.price),
    notional: toText(fill.notional),
    fee: toText(fill.fee),
    liquidity: fill.liquidity,
    market_time: fill.marketTime,
  }
}
