import { Decimal, zero } from '../money/decimal.ts'
import type { RiskLimits } from './limits.ts'
import type { SizedOrder } from './order-size.ts'

/** Quote currency that an entry risks: quantity x (expected price - stop); without a stop notional x `risk_atr_multiple` x ATR%. Exits risk nothing. */
export function riskOf(options: { order: SizedOrder; atrPct: number | null; limits: RiskLimits }): Decimal {
  const { order, atrPct, limits } = options
  if (order.side === 'SELL') return zero
  if (order.stopPrice !== null) return Decimal.max(zero, order.notional.minus(order.quantity.times(order.stopPrice)))
  return order.notional
    .times(limits.risk_atr_multiple)
    .times(atrPct ?? limits.assumed_atr_pct)
    .div(100)
}

/** What a day's entries may risk together: day-start equity x `daily_risk_budget`. */
export function dailyRiskBudget({ startEquity, limits }: { startEquity: Decimal; limits: RiskLimits }): Decimal {
  return startEquity.times(limits.daily_risk_budget)
}
