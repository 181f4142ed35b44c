import { emptyMatchState, type MatchState } from '@trader/core/order/candle-capacity'
import type { OpenOrder } from '@trader/core/order/open-order'
import type { VenueReport } from '@trader/core/contract/venue-report'
import { isTerminal } from '@trader/core/order/state-machine'
import { decimal, toText } from '@trader/core/money/decimal'
import type { Database } from '../pool.ts'
import { insertPaperFills } from './insert-paper-fills.ts'

/** Locks and returns how far a product was matched. */
export async function lockMatchState(db: Database, { runId, product }: { runId: string; product: string }): Promise<MatchState> {
  await db.query('insert into paper_match (run_id, product, used_volume) values ($1, $2, 0) on conflict do nothing', [runId, product])
  const { rows } = await db.query<{ candle_start: number | null; used_volume: string; last_tick_time: number | null }>(
    'select candle_start, as_text(used_volume) as used_volume, last_tick_time from paper_match where run_id = $1 and product = $2 for update',
    [runId, product],
  )
  const row = rows[0]
  if (row === undefined) return emptyMatchState
  return { candleStart: row.candle_start, usedVolume: decimal(row.used_volume), lastTickTime: row.last_tick_time }
}

export async function saveMatchState(
  db: Database,
  { runId, product, state }: { runId: string; product: string; state: MatchState },
): Promise<void> {
  await db.query('update paper_match set candle_start = $3, used_volume = $4, last_tick_time = $5 where run_id = $1 and product = $2', [
    runId,
    product,
    state.candleStart,
    toText(state.usedVolume),
    state.lastTickTime,
  ])
}

/** What matching has left of an order that is still open. */
export async function saveOpenOrder(db: Database, open: OpenOrder): Promise<void> {
  await db.query('update paper_order set filled_quantity = $2, fill_count = $3, liquidity = $4 where order_id = $1', [
    open.orderId,
    toText(open.filledQuantity),
    open.fillCount,
    open.liquidity,
  ])
}

/** Writes a report to be delivered and the executions it tells of, and closes the order if the report ends it. */
export async function savePaperReport(db: Database, report: VenueReport): Promise<void> {
  await db.query('insert into paper_report (order_id, seq, report) values ($1, $2, $3)', [
    report.order_id,
    report.seq,
    JSON.stringify(report),
  ])
  if (report.fills.length > 0) await insertPaperFills(db, report.fills)
  await db.query('update paper_order set report_count = $2, closed_state = $3 where order_id = $1', [
    report.order_id,
    report.seq,
    isTerminal(report.state) ? report.state : null,
  ])
}
