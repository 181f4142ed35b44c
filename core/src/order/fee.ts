import type { Liquidity } from '../contract/fill.ts'
import { Decimal } from '../money/decimal.ts'
import { roundFee } from '../money/round.ts'
import { defaultFillModel, type FillModel } from './fill-model.ts'

/** The fee of one fill in quote currency: notional x rate, rounded up to the asset's scale. */
export function fillFee(options: { notional: Decimal; liquidity: Liquidity; quote: string; model?: FillModel }): Decimal {
  const { notional, liquidity, quote, model = defaultFillModel } = options
  return roundFee(notional.times(feeRatio(liquidity, model)), quote)
}

/** The fee as a ratio of notional: 0.006 for a taker by default. */
export function feeRatio(liquidity: Liquidity, model: FillModel = defaultFillModel): Decimal {
  return new Decimal(liquidity === 'taker' ? model.takerFeeBps : model.makerFeeBps).div(10_000)
}
