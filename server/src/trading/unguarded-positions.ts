import type { TradingFlag } from '@trader/core/contract/trading-flag'
import { z } from 'zod'
import { unsignedDecimalText } from '@trader/core/contract/primitives'
import { decimal } from '@trader/core/money/decimal'
import type { Database } from '../database/pool.ts'
import { getPositions } from '../database/queries/get-positions.ts'
import { openOrders } from '../database/queries/open-orders.ts'

/** A position that no stop would sell. Quantity in base units. */
export const unguardedPosition = z.strictObject({ product: z.string(), quantity: unsignedDecimalText })
export type UnguardedPosition = z.infer<typeof unguardedPosition>

/** The positions without a stop that runs; while trading is halted that is all of them. */
export async function unguardedPositions(
  db: Database,
  { runId, state }: { runId: string; state: TradingFlag },
): Promise<UnguardedPosition[]> {
  const [positions, orders] = await Promise.all([getPositions(db, runId), openOrders(db, { runId })])
  const guarded = new Set(state === 'halted' ? [] : orders.filter(({ type }) => type === 'stop').map(({ product }) => product))
  return positions
    .filter(({ product, quantity }) => decimal(quantity).gt(0) && !guarded.has(product))
    .map(({ product, quantity }) => ({ product, quantity }))
}
