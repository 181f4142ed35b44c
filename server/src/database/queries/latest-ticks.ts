import type { Tick } from '@trader/core/contract/tick'
import type { Database } from '../pool.ts'
import { values } from './value.ts'

/** The newest tick of each product of a run; of those before a market time where one is given. */
export async function latestTicks(db: Database, { runId, before }: { runId: string; before?: number }): Promise<Tick[]> {
  return values(
    db,
    `select tick_json(t) as value
     from run, unnest(run.products) as traded (name),
       lateral (select * from tick where tick.run_id = run.run_id and tick.product = traded.name
                  and ($2::bigint is null or market_time < $2) order by market_time desc limit 1) as t
     where run.run_id = $1 order by t.product`,
    [runId, before ?? null],
  )
}
