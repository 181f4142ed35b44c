import type { OrderSide } from '../contract/order.ts'
import { Decimal } from '../money/decimal.ts'
import { roundFillPrice } from '../money/round.ts'
import { defaultFillModel, maxImpact, type FillModel } from './fill-model.ts'

/**
 * Market impact as a ratio of the price: 10 bps x sqrt(order notional / notional of the last full minute). It is the
 * whole order's, however many pieces it fills in. An unknown or empty last minute counts as 100 bps: where nobody was
 * seen trading, liquidity is assumed to be bad.
 */
export function marketImpact(options: { notional: Decimal; lastMinuteNotional: Decimal | null; model?: FillModel }): Decimal {
  const { notional, lastMinuteNotional, model = defaultFillModel } = options
  if (lastMinuteNotional === null || lastMinuteNotional.lte(0)) return new Decimal(model.unknownImpactBps).div(10_000)
  return Decimal.min(maxImpact, notional.div(lastMinuteNotional).sqrt().times(model.impactBps).div(10_000))
}

/** What a taker gets: ask x (1 + impact) for a BUY, bid x (1 - impact) for a SELL. The half spread is in the touch. */
export function takerPrice({ side, touch, impact }: { side: OrderSide; touch: Decimal; impact: Decimal }): Decimal {
  const factor = side === 'BUY' ? impact.plus(1) : new Decimal(1).minus(impact)
  return roundFillPrice(touch.times(factor), side)
}
