import type { Portfolio } from '../contract/position.ts'
import { decimal } from '../money/decimal.ts'

/** Spendable cash / equity, a fraction from 0 to 1; scraped profit is no spendable cash. Null without equity. */
export function cashRatio({ cash, equity }: Pick<Portfolio, 'cash' | 'equity'>): number | null {
  if (decimal(equity).lte(0)) return null
  return Math.min(1, Math.max(0, decimal(cash).div(equity).toNumber()))
}
