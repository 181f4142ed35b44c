import type { Database } from '../pool.ts'
import { value } from './value.ts'

/**
 * Per product, in ms of market time: when the last entry was placed that has filled or may still fill, and the fill that opened the
 * position that is held now.
 */
export interface EntryTimes {
  readonly last_order_at: Readonly<Record<string, number>>
  readonly entered_at: Readonly<Record<string, number>>
}

export async function entryTimes(db: Database, runId: string): Promise<EntryTimes> {
  return value(
    db,
    `select jsonb_build_object(
       'last_order_at', (select coalesce(jsonb_object_agg(product, last), '{}')
                         from (select product, max(market_time) as last from orders
                               where run_id = $1 and side = 'BUY' and (filled_quantity > 0 or not is_terminal(state)) group by product) as entries),
       'entered_at', (select coalesce(jsonb_object_agg(product, opened), '{}')
                      from (select product, max(market_time) as opened from fill
                            where run_id = $1 and side = 'BUY' and position_quantity_after = quantity group by product) as openings
                      where exists (select from positions p where p.run_id = $1 and p.product = openings.product and p.quantity > 0))) as value`,
    [runId],
  )
}
