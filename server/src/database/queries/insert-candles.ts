import type { Candle } from '@trader/core/contract/candle'
import type { Database } from '../pool.ts'
import { json } from './value.ts'

/** Loaded history. A candle that is there already stays. */
export async function insertCandles(db: Database, { runId, candles }: { runId: string; candles: readonly Candle[] }): Promise<void> {
  await db.query(
    `insert into candle (run_id, product, timeframe_ms, start, open, high, low, close, volume, first_time, last_time)
     select $1, product, timeframe_ms, start, open, high, low, close, volume, start, start + timeframe_ms - 1
     from jsonb_to_recordset($2) as c (product text, timeframe_ms bigint, start bigint, open numeric, high numeric, low numeric, close numeric, volume numeric)
     on conflict do nothing`,
    [runId, json(candles)],
  )
}
