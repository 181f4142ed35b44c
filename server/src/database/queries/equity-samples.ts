import type { Book } from '@trader/core/contract/primitives'
import type { Database } from '../pool.ts'
import { json, values } from './value.ts'

/** Equity and its parts at one market time, quote currency. */
export interface EquitySample {
  readonly run_id: string
  readonly book: Book
  readonly market_time: number
  readonly equity: string
  readonly cash: string
  readonly scraped: string
  readonly position_value: string
  readonly realized_pnl: string
  readonly unrealized_pnl: string
}

/** One sample per run and market time; a second one changes nothing. */
export async function saveEquitySample(db: Database, sample: EquitySample): Promise<void> {
  await db.query(
    `insert into equity_sample (run_id, book, market_time, equity, cash, scraped, position_value, realized_pnl, unrealized_pnl)
     select run_id, book, market_time, equity, cash, scraped, position_value, realized_pnl, unrealized_pnl
     from jsonb_populate_record(null::equity_sample, $1) on conflict do nothing`,
    [json(sample)],
  )
}

/** Oldest first, from <= market_time < to. */
export async function listEquitySamples(
  db: Database,
  { runId, from = 0, to }: { runId: string; from?: number; to?: number },
): Promise<(EquitySample & { recorded_at: number })[]> {
  return values(
    db,
    `select equity_sample_json(s) as value from equity_sample s
     where run_id = $1 and market_time >= $2 and ($3::bigint is null or market_time < $3) order by market_time`,
    [runId, from, to ?? null],
  )
}
