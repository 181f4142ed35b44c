import { decimal } from '../money/decimal.ts'
import { amount, denied, percent } from './denied.ts'
import { exposure, funds, grossExposure } from './risk-state.ts'
import { isEntry, type Rule } from './rule.ts'

/** Bounds are fractions of equity, and equity is a guess while a position has no price. */
export const knownEquity: Rule = ({ order, state }) => {
  const { portfolio } = state.snapshot
  if (!isEntry(order) || portfolio.price_quality !== 'missing') return null
  const missing = portfolio.positions.filter((position) => position.price_quality === 'missing' && position.market_value === null)
  return denied('MISSING_MARKET_DATA', `equity is unknown: no price of ${missing.map((position) => position.product).join(', ')}`)
}

export const keepsCashReserve: Rule = ({ order, state, bounds }) => {
  if (!isEntry(order) || order.hold === null) return null
  const equity = decimal(state.snapshot.portfolio.equity)
  const left = funds(state, order.hold.asset).available.minus(order.hold.amount)
  const reserve = equity.times(bounds.cashReserve.value)
  if (left.gte(reserve)) return null
  const detail = `leaves ${amount(left)} ${order.hold.asset} in cash; ${percent(bounds.cashReserve.value)} of equity ${amount(equity)} must stay (${bounds.cashReserve.source})`
  return denied('CASH_RESERVE', detail)
}

export const withinConcentration: Rule = ({ order, state, bounds }) => {
  if (!isEntry(order)) return null
  const equity = decimal(state.snapshot.portfolio.equity)
  const after = exposure(state, order.product.id).plus(order.notional)
  const { value, source } = bounds.maxPosition
  if (after.lte(equity.times(value))) return null
  const detail = `${order.product.id} would be ${amount(after)} of equity ${amount(equity)}; at most ${percent(value)} is allowed (${source})`
  return denied(source === 'policy' ? 'POLICY_BOUND' : 'MAX_CONCENTRATION', detail)
}

export const withinGrossExposure: Rule = ({ order, state, limits }) => {
  if (!isEntry(order)) return null
  const equity = decimal(state.snapshot.portfolio.equity)
  const after = grossExposure(state).plus(order.notional)
  if (after.lte(equity.times(limits.max_gross_exposure))) return null
  const detail = `all positions would be ${amount(after)} of equity ${amount(equity)}; at most ${percent(limits.max_gross_exposure)} is allowed`
  return denied('MAX_GROSS_EXPOSURE', detail)
}
