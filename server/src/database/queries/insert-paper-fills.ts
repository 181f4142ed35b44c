import type { VenueFill } from '@trader/core/contract/fill'
import type { Database } from '../pool.ts'
import { json } from './value.ts'

/** The paper venue's own record, before it reports to anybody. A fill of the same order and tick is stored once. */
export async function insertPaperFills(db: Database, fills: readonly VenueFill[]): Promise<void> {
  await db.query(
    `insert into paper_fill (fill_id, order_id, trade_id, product, side, quantity, price, notional, fee, liquidity, market_time)
     select fill_id, order_id, trade_id, product, side, quantity, price, notional, fee, liquidity, market_time
     from jsonb_populate_recordset(null::paper_fill, $1) on conflict do nothing`,
    [json(fills)],
  )
}
