import { Decimal, decimal, toText, zero } from '../money/decimal.ts'
import { amount, denied } from './denied.ts'
import type { SizedOrder } from './order-size.ts'
import { funds, type RiskState } from './risk-state.ts'
import { isEntry, type Rule } from './rule.ts'

/** A BUY needs its hold in cash, fee and buffer included. */
export const enoughCash: Rule = ({ order, state }) => {
  if (!isEntry(order) || order.hold === null) return null
  const { available } = funds(state, order.hold.asset)
  if (order.hold.amount.lte(available)) return null
  const { amount: needed, asset } = order.hold
  const detail = `BUY ${amount(order.quantity)} ${order.product.id} needs ${amount(needed)} ${asset} with fee and buffer; ${amount(available)} is available`
  return denied('INSUFFICIENT_CASH', detail)
}

/** A SELL needs what it sells, and an armed exit at least that much in the position. */
export const enoughHoldings: Rule = ({ order, state }) => {
  if (isEntry(order)) return null
  const available = sellable(order, state)
  if (order.quantity.lte(available)) return null
  const detail = `SELL ${amount(order.quantity)} ${order.product.id}; ${amount(Decimal.max(zero, available))} ${order.product.base} is available`
  return denied('INSUFFICIENT_HOLDINGS', detail)
}

/** No order reserves more of a wallet than its tradeable fraction. */
export const withinTradeableFraction: Rule = ({ order, state }) => {
  if (order.hold === null) return null
  const { tradeable } = funds(state, order.hold.asset)
  if (order.hold.amount.lte(tradeable)) return null
  const { amount: needed, asset } = order.hold
  return denied('TRADEABLE_FRACTION', `needs ${amount(needed)} ${asset}; the wallet's tradeable fraction leaves ${amount(tradeable)}`)
}

/** Small orders cost more than they matter. Selling all that is left is always allowed. */
export const largeEnough: Rule = ({ order, state, limits }) => {
  const minimum = Decimal.max(limits.min_notional, order.product.min_notional)
  // What was asked for counts: rounded down to the increment it may be worth a little less.
  const worth = decimal(order.request.notional ?? toText(order.notional))
  if (worth.gte(minimum)) return null
  if (!isEntry(order) && order.quantity.eq(sellable(order, state))) return null
  return denied(
    'MIN_NOTIONAL',
    `${order.side} ${order.product.id} is worth ${amount(worth)} ${order.product.quote}; the least is ${amount(minimum)}`,
  )
}

/** Base units an order may sell: what no other order holds, or for an armed exit, which holds nothing yet, the whole position. */
function sellable(order: SizedOrder, state: RiskState): Decimal {
  if (order.hold !== null) return funds(state, order.product.base).available
  const position = state.snapshot.portfolio.positions.find((candidate) => candidate.product === order.product.id)
  return decimal(position?.quantity ?? '0')
}
