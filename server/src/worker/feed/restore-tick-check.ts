import { checkTicks, startTickCheck, type TickCheck } from '@trader/core/market/tick-check'
import type { Database } from '../../database/pool.ts'
import { doubtedTicks, priceAnchors } from '../../database/queries/tick-check-state.ts'

/**
 * The tick check as it stood at a cursor, from what is stored: the last good price of each product, then the prices refused since.
 * So a feed that was killed judges the next tick as one that was not.
 */
export async function restoreTickCheck(
  db: Database,
  { runId, products, cursor }: { runId: string; products: readonly string[]; cursor: number },
): Promise<TickCheck> {
  const anchors = await priceAnchors(db, { runId, before: cursor })
  const check = startTickCheck(products, new Map(anchors.map((anchor) => [anchor.product, anchor])))
  const doubted = await doubtedTicks(db, { runId, before: cursor })
  return checkTicks(check, doubted.map(parsed), { clock: cursor, toleranceMs: 0 }).check
}

/** Evidence is cut when it is long; what no longer parses is no tick and changes nothing. */
function parsed(raw: string): unknown {
  try {
    return JSON.parse(raw)
  } catch {
    return raw
  }
}
