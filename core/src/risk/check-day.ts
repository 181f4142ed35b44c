import { decimal } from '../money/decimal.ts'
import { amount, denied, percent } from './denied.ts'
import { dailyRiskBudget } from './risk-budget.ts'
import { isEntry, type Rule } from './rule.ts'

/** Day-start equity - equity: realized and unrealized together. */
export const withinDailyLoss: Rule = ({ order, state, bounds }) => {
  if (!isEntry(order)) return null
  const { day, portfolio } = state.snapshot
  const loss = decimal(day.start_equity).minus(portfolio.equity)
  const allowed = decimal(day.start_equity).times(bounds.maxDailyLoss.value)
  if (loss.lte(0) || loss.lt(allowed)) return null
  const detail = `the day has lost ${amount(loss)} of ${day.start_equity}; entries stop at ${percent(bounds.maxDailyLoss.value)} (${bounds.maxDailyLoss.source})`
  return denied('MAX_DAILY_LOSS', detail)
}

export const withinDailyOrders: Rule = ({ order, state, limits }) => {
  const placed = state.snapshot.day.orders + state.accepted.length
  if (!isEntry(order) || placed < limits.max_orders_per_day) return null
  return denied('MAX_DAILY_ORDERS', `${placed} orders were accepted today; at most ${limits.max_orders_per_day} are allowed`)
}

export const withinRiskBudget: Rule = ({ order, risk, state, limits }) => {
  if (!isEntry(order)) return null
  const used = decimal(state.snapshot.day.risk_used).plus(state.acceptedRisk)
  const budget = dailyRiskBudget({ startEquity: decimal(state.snapshot.day.start_equity), limits })
  if (used.plus(risk).lte(budget)) return null
  const detail = `risks ${amount(risk)} down to its stop; ${amount(used)} of today's ${amount(budget)} is used`
  return denied('DAILY_RISK_BUDGET', detail)
}
