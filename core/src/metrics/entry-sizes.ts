import type { VenueFill } from '../contract/fill.ts'
import { type Decimal, decimal, zero } from '../money/decimal.ts'

/** What each entry spent before fees, in quote currency: the notional of a BUY order, all its fills together, in order of its first. */
export function entrySizes(fills: readonly Pick<VenueFill, 'side' | 'order_id' | 'notional'>[]): Decimal[] {
  const sizes = new Map<string, Decimal>()
  for (const { side, order_id, notional } of fills) {
    if (side === 'BUY') sizes.set(order_id, (sizes.get(order_id) ?? zero).plus(decimal(notional)))
  }
  return [...sizes.values()]
}
