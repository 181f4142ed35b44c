import type { Portfolio } from '../contract/position.ts'
import { Decimal, decimal, zero } from '../money/decimal.ts'
import { valueOrCost } from '../portfolio/equity.ts'
import { finiteOrNull } from './statistics.ts'

/** Value of the largest position / equity; 0 without positions. Null without equity. */
export function concentration({ positions, equity }: Pick<Portfolio, 'positions' | 'equity'>): number | null {
  if (decimal(equity).lte(0)) return null
  return finiteOrNull(
    Decimal.max(zero, ...positions.map(valueOrCost))
      .div(equity)
      .toNumber(),
  )
}
