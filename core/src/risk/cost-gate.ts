import { Decimal } from '../money/decimal.ts'
import type { FillModel } from '../order/fill-model.ts'
import type { Quote } from '../order/quote.ts'
import type { SizedOrder } from './order-size.ts'

/**
 * What entering and leaving costs, in bps of notional: both fees, the spread and the impact both ways. An entry that
 * rests pays the maker fee and no impact on its way in; every exit is taken to be a taker's.
 */
export function roundTripCostBps({ order, quote, model }: { order: SizedOrder; quote: Quote; model: FillModel }): number {
  const rests = order.type === 'limit' && order.limitPrice !== null && order.limitPrice.lt(quote.ask)
  const middle = quote.ask.plus(quote.bid).div(2)
  const spreadBps = quote.ask.minus(quote.bid).div(middle).times(10_000)
  const impactBps = order.impact.times(10_000).times(rests ? 1 : 2)
  const feesBps = new Decimal(rests ? model.makerFeeBps : model.takerFeeBps).plus(model.takerFeeBps)
  return feesBps.plus(spreadBps).plus(impactBps).toNumber()
}
