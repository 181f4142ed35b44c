import { type Decimal, decimal } from '../money/decimal.ts'
import { isOpen } from '../order/state-machine.ts'
import { amount, denied } from './denied.ts'
import type { SizedOrder } from './order-size.ts'
import type { PlacedOrder } from './risk-snapshot.ts'
import type { RiskState } from './risk-state.ts'
import { isEntry, type Rule } from './rule.ts'

/** Sizes this close, as a fraction, are taken to be the same intent. */
const sameSize = 0.01

/**
 * The same entry twice within the window, or twice in one batch, looks like a mistake. Exits are bounded by what is held.
 * The earlier one must be the same author's and its intent must still stand: it may yet fill, or it has filled and the position is
 * held. One that ended without a fill, or whose position was sold since, may be tried again at once.
 */
export const noDuplicate: Rule = ({ order, state, limits, marketTime, author }) => {
  if (!isEntry(order)) return null
  const since = marketTime - limits.duplicate_window_seconds * 1000
  const placed = state.snapshot.orders.find(
    (other) =>
      other.market_time > since &&
      other.author === author &&
      stands(other, state) &&
      looksLike(order, { ...other, quantity: decimal(other.quantity) }),
  )
  const isInBatch = state.accepted.some((other) => looksLike(order, { ...other, product: other.product.id }))
  if (placed === undefined && !isInBatch) return null
  const what = `${order.side} ${amount(order.quantity)} ${order.product.id}`
  const where = placed === undefined ? 'is in this batch twice' : `was placed ${(marketTime - placed.market_time) / 1000} s ago`
  return denied('DUPLICATE_INTENT', `${what} ${where}; the window is ${limits.duplicate_window_seconds} s`)
}

function stands(other: PlacedOrder, { snapshot }: RiskState): boolean {
  if (isOpen(other.state)) return true
  const position = snapshot.portfolio.positions.find(({ product }) => product === other.product)
  return decimal(other.filled_quantity).gt(0) && decimal(position?.quantity ?? '0').gt(0)
}

function looksLike(order: SizedOrder, other: { side: string; type: string; product: string; quantity: Decimal }): boolean {
  if (other.side !== order.side || other.type !== order.type || other.product !== order.product.id) return false
  return order.quantity.minus(other.quantity).abs().lte(order.quantity.times(sameSize))
}

/**
 * Time since the last entry of a product was placed; one that ended without a fill does not count.
 * The orders of one batch are one decision and do not wait for each other.
 */
export const cooledDown: Rule = ({ order, state, bounds, marketTime }) => {
  const last = state.snapshot.last_order_at[order.product.id]
  if (!isEntry(order) || last === undefined) return null
  const waited = (marketTime - last) / 1000
  const { value, source } = bounds.coolDownSeconds
  if (waited >= value) return null
  return denied('COOL_DOWN', `${waited} s since the last entry into ${order.product.id}; wait ${value} s (${source})`)
}

/** The user's least time in a position binds sales at will, not stops and take-profits. */
export const heldLongEnough: Rule = ({ order, state, bounds, marketTime }) => {
  const entered = state.snapshot.entered_at[order.product.id]
  if (isEntry(order) || order.hold === null || entered === undefined) return null
  const minutes = (marketTime - entered) / 60_000
  if (minutes >= bounds.minHoldMinutes) return null
  return denied('MIN_HOLD', `${order.product.id} was bought ${minutes.toFixed(1)} minutes ago; hold ${bounds.minHoldMinutes} (preferences)`)
}
