import type { Liquidity } from '../contract/fill.ts'
import { Decimal } from '../money/decimal.ts'
import type { FillModel } from './fill-model.ts'
import type { OpenOrder } from './open-order.ts'
import { touch, type Quote } from './quote.ts'
import { marketImpact, takerPrice } from './slippage.ts'

/** What the market offers an order at one tick: a liquidity, and a price or null while its limit is out of reach. */
export interface FillOffer {
  readonly liquidity: Liquidity
  readonly price: Decimal | null
}

/**
 * - No limit: taker at the touch plus impact.
 * - A limit that the touch had reached at the order's first tick: taker for good, at the touch plus impact but never worse
 *   than the limit, and only while the touch is within the limit.
 * - Any other limit rests: maker for good. It fills once the touch reaches it, exactly at the limit: no improvement is assumed.
 */
export function fillOffer({ order, quote, model }: { order: OpenOrder; quote: Quote; model: FillModel }): FillOffer {
  const { limitPrice, side } = order
  if (limitPrice === null) return { liquidity: 'taker', price: priceWithImpact({ order, quote, model }) }
  const isReached = side === 'BUY' ? quote.ask.lte(limitPrice) : quote.bid.gte(limitPrice)
  const liquidity = order.liquidity ?? (isReached ? 'taker' : 'maker')
  if (!isReached) return { liquidity, price: null }
  if (liquidity === 'maker') return { liquidity, price: limitPrice }
  const price = priceWithImpact({ order, quote, model })
  return { liquidity, price: side === 'BUY' ? Decimal.min(price, limitPrice) : Decimal.max(price, limitPrice) }
}

function priceWithImpact({ order, quote, model }: { order: OpenOrder; quote: Quote; model: FillModel }): Decimal {
  const price = touch(quote, order.side)
  const notional = order.quantity.times(price)
  const impact = marketImpact({ notional, lastMinuteNotional: quote.lastMinuteNotional, model })
  return takerPrice({ side: order.side, touch: price, impact })
}
