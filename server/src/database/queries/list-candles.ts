import type { Candle } from '@trader/core/contract/candle'
import type { Database } from '../pool.ts'
import { values } from './value.ts'

/**
 * Candles of one product and timeframe with start >= from and end <= to, oldest first, the newest `limit` of them. Built
 * from the stored candles that divide the timeframe; minutes without a tick have none.
 */
export async function listCandles(
  db: Database,
  options: { runId: string; product: string; timeframeMs: number; from?: number; to?: number; limit?: number },
): Promise<Candle[]> {
  const newestFirst = await values<Candle>(
    db,
    `select jsonb_build_object('product', $2::text, 'start', bucket, 'timeframe_ms', $3::bigint, 'open', as_text((array_agg(open order by start))[1]),
       'high', as_text(max(high)), 'low', as_text(min(low)), 'close', as_text((array_agg(close order by start desc))[1]),
       'volume', as_text(sum(volume))) as value
     from (select *, start / $3::bigint * $3::bigint as bucket from candle
           where run_id = $1 and product = $2 and $3::bigint % timeframe_ms = 0) as c
     where bucket >= $4 and ($5::bigint is null or bucket + $3::bigint <= $5)
     group by bucket order by bucket desc limit $6`,
    [options.runId, options.product, options.timeframeMs, options.from ?? 0, options.to ?? null, options.limit ?? 1000],
  )
  return newestFirst.toReversed()
}
