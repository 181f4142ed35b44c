import type { Product } from '../market/product.ts'
import { decimal, Decimal, zero } from '../money/decimal.ts'
import { roundCost, roundProceeds, roundSize } from '../money/round.ts'
import { availableVolume, type MatchState } from './candle-capacity.ts'
import { fillFee } from './fee.ts'
import type { FillModel } from './fill-model.ts'
import { fillOffer } from './fill-offer.ts'
import { closed, unchanged, type MatchedFill, type MatchStep } from './match-outcome.ts'
import { isActive, isExpired, remainingQuantity, type OpenOrder } from './open-order.ts'
import type { Quote } from './quote.ts'

export interface WorkOptions {
  readonly order: OpenOrder
  readonly quote: Quote
  readonly product: Product
  readonly state: MatchState
  readonly model: FillModel
}

/** What a tick does to a working order: it expires, fills in whole or in part, is cancelled by its time in force, or rests. */
export function workOrder(options: WorkOptions): MatchStep {
  const { marketTime } = options.quote
  if (!isActive(options.order, marketTime)) return unchanged(options.order)
  if (isExpired(options.order, marketTime)) {
    return closed({ order: options.order, state: 'EXPIRED', reason: `expired at ${options.order.expiresAt}`, marketTime })
  }
  const { fill, order } = fillOrder(options)
  const filled = fill?.quantity ?? zero
  const end = endOf(order, marketTime)
  const outcomes = [...(fill === null ? [] : [fill]), ...(end?.outcomes ?? [])]
  return { outcomes, order: end === null ? order : null, filled }
}

/** How an order ends after its tick: filled, or cancelled because it may not rest; null while it goes on. */
function endOf(order: OpenOrder, marketTime: number): MatchStep | null {
  const remaining = remainingQuantity(order)
  if (remaining.lte(0)) return closed({ order, state: 'FILLED', reason: 'filled', marketTime })
  if (order.timeInForce === 'GTC') return null
  const reason = `${order.timeInForce}: ${remaining.toFixed()} of ${order.quantity.toFixed()} did not fill at the first tick`
  return closed({ order, state: 'CANCELLED', reason, marketTime })
}

/** The fill that this tick gives an order, or null, and the order after it. */
function fillOrder(options: WorkOptions): { readonly fill: MatchedFill | null; readonly order: OpenOrder } {
  const { quote, product, model } = options
  const { liquidity, price } = fillOffer({ order: options.order, quote, model })
  const seen = { ...options.order, liquidity }
  const quantity = fillableQuantity(options)
  if (price === null || quantity.lte(0)) return { fill: null, order: seen }
  const round = seen.side === 'BUY' ? roundCost : roundProceeds
  const notional = round(quantity.times(price), product.quote)
  // Dust that brings nothing after rounding would be given away.
  if (notional.lte(0)) return { fill: null, order: seen }
  const order = { ...seen, filledQuantity: seen.filledQuantity.plus(quantity), fillCount: seen.fillCount + 1 }
  const fee = fillFee({ notional, liquidity, quote: product.quote, model })
  const tradeId = String(order.fillCount)
  return { fill: { type: 'fill', order, tradeId, quantity, price, notional, fee, liquidity, marketTime: quote.marketTime }, order }
}

/** What the candle still has for this order, in base units down to the increment; FOK wants all of it. */
function fillableQuantity({ order, quote, product, state, model }: WorkOptions): Decimal {
  const increment = decimal(product.base_increment)
  const available = availableVolume({ state, quote, maxParticipation: model.maxParticipation, increment })
  const remaining = remainingQuantity(order)
  if (order.timeInForce === 'FOK' && available.lt(remaining)) return zero
  return roundSize(Decimal.min(remaining, available), increment)
}
