import { Decimal } from '../money/decimal.ts'
import { touch } from '../order/quote.ts'
import { amount, denied, percent } from './denied.ts'
import { isEntry, type Rule } from './rule.ts'

/** A limit far beyond the touch is a slip of the finger. */
export const limitNearTouch: Rule = ({ order, quote, limits }) => {
  if (order.request.limit_price === undefined || order.limitPrice === null) return null
  const price = touch(quote, order.side)
  const beyond = isEntry(order) ? order.limitPrice.minus(price) : price.minus(order.limitPrice)
  if (beyond.lte(price.times(limits.max_limit_deviation))) return null
  const side = isEntry(order) ? 'above the ask' : 'below the bid'
  return denied(
    'PRICE_SANITY',
    `limit ${amount(order.limitPrice)} is more than ${percent(limits.max_limit_deviation)} ${side} ${amount(price)}`,
  )
}

/** Nobody enters into a broken book. */
export const saneSpread: Rule = ({ order, quote, limits }) => {
  if (!isEntry(order)) return null
  const middle = quote.ask.plus(quote.bid).div(2)
  const spread = quote.ask.minus(quote.bid).div(middle)
  if (spread.gte(0) && spread.lte(limits.max_spread)) return null
  const detail = `bid ${amount(quote.bid)} and ask ${amount(quote.ask)} are further apart than ${percent(limits.max_spread)}, or crossed`
  return denied('PRICE_SANITY', detail)
}

/** Stops lie below the price and take-profits above, on an entry and on an exit alike; else they would trigger at once. */
export const exitsOnTheirSide: Rule = ({ order, quote }) => {
  const floor = isEntry(order) ? Decimal.min(order.expectedPrice, quote.bid) : quote.bid
  const ceiling = isEntry(order) ? order.expectedPrice : quote.bid
  if (order.stopPrice !== null && order.stopPrice.gte(floor)) {
    return denied('INVALID_ORDER', `stop_price ${amount(order.stopPrice)} must be below ${amount(floor)}`)
  }
  if (order.takeProfit !== null && order.takeProfit.lte(ceiling)) {
    return denied('INVALID_ORDER', `take_profit ${amount(order.takeProfit)} must be above ${amount(ceiling)}`)
  }
  return null
}
