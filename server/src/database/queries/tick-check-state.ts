import type { Database } from '../pool.ts'
import { values } from './value.ts'

/** A price that was believed, and when, and the volume of the last candle before it that had any. */
export interface PriceAnchor {
  readonly product: string
  readonly market_time: number
  readonly price: string
  readonly volume: string | null
}

/** What was last known of each product before a market time: its last tick, or where there is none the last candle of history. */
export async function priceAnchors(db: Database, { runId, before }: { runId: string; before: number }): Promise<PriceAnchor[]> {
  return values(
    db,
    `select jsonb_build_object('product', asked.name, 'market_time', last.market_time, 'price', as_text(last.price),
         'volume', as_text(coalesce(
           (select candle_volume from tick
            where tick.run_id = run.run_id and tick.product = asked.name and market_time < $2 and candle_volume > 0
            order by market_time desc limit 1),
           (select volume from candle
            where candle.run_id = run.run_id and candle.product = asked.name and start + timeframe_ms <= $2 and volume > 0
            order by start desc limit 1)))) as value
     from run, unnest(run.products) as asked (name),
       lateral (select * from (
           (select 1 as preference, market_time::bigint, price from tick
            where tick.run_id = run.run_id and tick.product = asked.name and market_time < $2 order by market_time desc limit 1)
           union all
           (select 2, start + timeframe_ms - 1, close from candle
            where candle.run_id = run.run_id and candle.product = asked.name and start + timeframe_ms <= $2 order by start desc limit 1)
         ) as known order by preference limit 1) as last
     where run.run_id = $1 order by asked.name`,
    [runId, before],
  )
}

/** The newest refused messages before a market time whose price or volume was too far away: they may yet prove to be the new level. */
export async function doubtedTicks(db: Database, { runId, before }: { runId: string; before: number }): Promise<string[]> {
  const newestFirst = await values<string>(
    db,
    `select raw as value from quarantined_tick
     where run_id = $1 and reason in ('ABSURD_PRICE', 'ABSURD_VOLUME') and market_time < $2 and jsonb_typeof(raw) = 'string'
     order by market_time desc, quarantine_id desc limit 200`,
    [runId, before],
  )
  return newestFirst.toReversed()
}
