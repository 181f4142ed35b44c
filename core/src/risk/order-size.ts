import type { OrderRequest, OrderSide, OrderType, TimeInForce } from '../contract/order.ts'
import type { Product } from '../market/product.ts'
import { decimal, type Decimal } from '../money/decimal.ts'
import { roundCost, roundLimitPrice, roundSize } from '../money/round.ts'
import { fillFee } from '../order/fee.ts'
import type { FillModel } from '../order/fill-model.ts'
import { touch, type Quote } from '../order/quote.ts'
import { marketImpact, takerPrice } from '../order/slippage.ts'
import { defaultTimeInForce } from '../order/time-in-force.ts'
import { amount, denied } from './denied.ts'
import type { Denied } from './denied-reason.ts'
import type { RiskLimits } from './limits.ts'

/** An order as it may be sent, with the most it can cost. */
export interface SizedOrder {
  readonly request: OrderRequest
  readonly product: Product
  readonly side: OrderSide
  readonly type: OrderType
  readonly timeInForce: TimeInForce
  /** Base units, a multiple of the product's increment. */
  readonly quantity: Decimal
  /** A market BUY gets one too: the price its hold pays for. Null for a market SELL and for armed exits. */
  readonly limitPrice: Decimal | null
  readonly stopPrice: Decimal | null
  readonly takeProfit: Decimal | null
  /** Expected price with impact, at the present tick. */
  readonly expectedPrice: Decimal
  /** Impact as a ratio of the price. */
  readonly impact: Decimal
  /** Quantity x expected price, in quote currency, without fee. */
  readonly notional: Decimal
  /** What to reserve: quote for a BUY, base for a SELL; null for an exit that waits for its trigger. */
  readonly hold: { readonly asset: string; readonly amount: Decimal } | null
}

/** Each piece of a partly filled order rounds its cost and fee up; this covers 500 pieces. */
const roundingRoom = decimal('0.00001')

/**
 * Quantity down to the increment, and the hold. A notional buys what it pays for at the expected price, fee on top. A
 * market BUY may pay `price_buffer` more than expected and gets that as its limit, so no fill can cost more than its hold.
 */
export function sizeOrder(options: {
  readonly request: OrderRequest
  readonly product: Product
  readonly quote: Quote
  readonly limits: RiskLimits
  readonly model: FillModel
}): { readonly ok: true; readonly order: SizedOrder } | Denied {
  const { request, product, limits, model } = options
  const { impact, price: expectedPrice } = expectation(options)
  const wanted = request.quantity === undefined ? decimal(request.notional ?? '0').div(expectedPrice) : decimal(request.quantity)
  const quantity = roundSize(wanted, decimal(product.base_increment))
  if (quantity.lte(0)) {
    return denied('MIN_NOTIONAL', `${amount(wanted)} ${product.base} is less than one increment of ${product.base_increment}`)
  }
  const limitPrice = request.side === 'BUY' ? buyLimit({ request, product, expectedPrice, limits }) : sellLimit({ request, product })
  if (limitPrice !== null && limitPrice.lte(0)) {
    return denied('INVALID_ORDER', `limit ${request.limit_price} is below the price increment ${product.quote_increment}`)
  }
  const isArmed = request.type === 'stop' || request.type === 'take_profit'
  const hold =
    request.side === 'BUY'
      ? { asset: product.quote, amount: worstCost({ quantity, price: limitPrice ?? expectedPrice, quote: product.quote, model }) }
      : { asset: product.base, amount: quantity }
  const order: SizedOrder = {
    request,
    product,
    side: request.side,
    type: request.type,
    timeInForce: request.time_in_force ?? defaultTimeInForce[request.type],
    quantity,
    limitPrice,
    stopPrice: decimalOrNull(request.stop_price),
    takeProfit: decimalOrNull(request.take_profit),
    expectedPrice,
    impact,
    notional: quantity.times(expectedPrice),
    hold: isArmed ? null : hold,
  }
  return { ok: true, order }
}

/** The most a BUY can cost: its quantity at its limit, and the taker's fee. */
function worstCost(options: { quantity: Decimal; price: Decimal; quote: string; model: FillModel }): Decimal {
  const { quantity, price, quote, model } = options
  const notional = roundCost(quantity.times(price), quote)
  return notional.plus(fillFee({ notional, liquidity: 'taker', quote, model })).plus(roundingRoom)
}

/** The price an order should get: its trigger for an exit, its limit for a limit order, else the touch with impact. */
function expectation(options: { request: OrderRequest; quote: Quote; model: FillModel }): { impact: Decimal; price: Decimal } {
  const { request, quote, model } = options
  const touched = touch(quote, request.side)
  const notional = request.notional === undefined ? decimal(request.quantity ?? '0').times(touched) : decimal(request.notional)
  const impact = marketImpact({ notional, lastMinuteNotional: quote.lastMinuteNotional, model })
  const named = { stop: request.stop_price, take_profit: request.take_profit, limit: request.limit_price, market: undefined }[request.type]
  return { impact, price: named === undefined ? takerPrice({ side: request.side, touch: touched, impact }) : decimal(named) }
}

function buyLimit(options: { request: OrderRequest; product: Product; expectedPrice: Decimal; limits: RiskLimits }): Decimal {
  const { request, product, expectedPrice, limits } = options
  const limit = request.limit_price === undefined ? expectedPrice.times(1 + limits.price_buffer) : decimal(request.limit_price)
  return roundLimitPrice(limit, decimal(product.quote_increment), 'BUY')
}

function sellLimit({ request, product }: { request: OrderRequest; product: Product }): Decimal | null {
  if (request.limit_price === undefined) return null
  return roundLimitPrice(decimal(request.limit_price), decimal(product.quote_increment), 'SELL')
}

function decimalOrNull(text: string | undefined): Decimal | null {
  return text === undefined ? null : decimal(text)
}
