import type { Portfolio } from '../contract/position.ts'
import { decimal } from '../money/decimal.ts'
import { finiteOrNull } from './statistics.ts'

/** Value of all positions / equity; at most 1 while long only without borrowing. Null without equity. */
export function leverage({ position_value, equity }: Pick<Portfolio, 'position_value' | 'equity'>): number | null {
  return decimal(equity).lte(0) ? null : finiteOrNull(decimal(position_value).div(equity).toNumber())
}
