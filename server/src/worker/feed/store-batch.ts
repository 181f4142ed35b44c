import { createHash } from 'node:crypto'
import type { MarketPlan } from '@trader/core/contract/market-messages'
import type { Tick } from '@trader/core/contract/tick'
import type { Quarantined } from '@trader/core/market/tick-check'
import { describeError } from '../../exit-code.ts'
import { LedgerRefused } from '../../database/database-error.ts'
import type { Database, Pool } from '../../database/pool.ts'
import { withTransaction } from '../../database/pool.ts'
import { appendEvent } from '../../database/queries/append-event.ts'
import { insertCandles } from '../../database/queries/insert-candles.ts'
import { insertTicks } from '../../database/queries/insert-ticks.ts'
import { quarantineTick } from '../../database/queries/quarantine-tick.ts'
import type { MarketNotice } from '../../exchange/market-source.ts'
import { plainText } from './plain-text.ts'

export interface JudgedBatch {
  /** Makes the ids of what is stored beside ticks, with its content: the same for a repeated cycle, so that it is stored once. */
  readonly key: string
  readonly good: readonly Tick[]
  readonly quarantined: readonly Quarantined[]
  readonly notices: readonly MarketNotice[]
  readonly marketTime: number
}

/**
 * Stores a batch in one transaction and tells the listeners. A batch that the database refuses is stored tick by tick, and the
 * ticks it will not have join the quarantine: one impossible value must not stop the market. Answers the ticks that were stored.
 */
export async function storeBatch(pool: Pool, plan: MarketPlan, batch: JudgedBatch): Promise<readonly Tick[]> {
  try {
    await withTransaction(pool, (db) => store(db, plan, batch))
    return batch.good
  } catch (error) {
    if (!(error instanceof LedgerRefused) || batch.good.length === 0) throw error
  }
  const refused: Quarantined[] = []
  for (const tick of batch.good) {
    try {
      await withTransaction(pool, (db) => insertTicks(db, { runId: plan.run_id, ticks: [tick] }))
    } catch (error) {
      if (!(error instanceof LedgerRefused)) throw error
      refused.push(refusedTick(tick, error))
    }
  }
  const quarantined = [...batch.quarantined, ...refused]
  await withTransaction(pool, (db) => store(db, plan, { ...batch, good: [], quarantined }))
  return batch.good.filter((tick) => !refused.some((each) => each.product === tick.product && each.market_time === tick.market_time))
}

async function store(db: Database, plan: MarketPlan, { key, good, quarantined, notices, marketTime }: JudgedBatch): Promise<void> {
  const runId = plan.run_id
  for (const [id, each] of identified(key, quarantined)) await quarantine(db, { runId, id, each, marketTime })
  for (const [id, notice] of identified(key, notices)) {
    if (notice.type === 'backfilled') await insertCandles(db, { runId, candles: notice.candles })
    if (notice.type !== 'malformed') await tellConnection(db, { plan, key: id, notice, marketTime })
  }
  if (good.length > 0) await insertTicks(db, { runId, ticks: good })
}

/** Each with an id made of its content; equal ones of a batch are counted. */
function identified<Item extends object>(key: string, items: readonly Item[]): [string, Item][] {
  const seen = new Map<string, number>()
  return items.map((item) => {
    const content = createHash('sha256').update(JSON.stringify(item)).digest('hex').slice(0, 16)
    const count = seen.get(content) ?? 0
    seen.set(content, count + 1)
    return [`${key}:${content}:${count}`, item]
  })
}

async function quarantine(
  db: Database,
  { runId, id, each, marketTime }: { runId: string; id: string; each: Quarantined; marketTime: number },
): Promise<void> {
  await quarantineTick(db, {
    quarantine_id: id,
    run_id: runId,
    product: plainText(each.product ?? 'unknown'),
    reason: each.reason,
    detail: plainText(each.detail),
    // As text: what came may hold what no JSON column takes.
    raw: plainText(each.raw),
    market_time: isTime(each.market_time) ? each.market_time : marketTime,
  })
}

async function tellConnection(
  db: Database,
  { plan, key, notice, marketTime }: { plan: MarketPlan; key: string; notice: MarketNotice; marketTime: number },
): Promise<void> {
  const payload = notice.type === 'backfilled' ? { type: notice.type, candles: notice.candles.length } : notice
  await appendEvent(db, {
    type: 'market_connection',
    source: 'market_stream',
    book: plan.book,
    run_id: plan.run_id,
    correlation_id: null,
    timestamp: marketTime,
    payload: Object.fromEntries(
      Object.entries(payload).map(([name, value]) => [name, typeof value === 'string' ? plainText(value) : value]),
    ),
    idempotency_key: `market_connection:${key}`,
  })
}

function refusedTick(tick: Tick, error: unknown): Quarantined {
  const detail = `the database refuses it: ${describeError(error)}`.slice(0, 300)
  return { reason: 'MALFORMED', detail, product: tick.product, market_time: tick.market_time, raw: JSON.stringify(tick).slice(0, 500) }
}

function isTime(time: number | null): time is number {
  return time !== null && time >= 0 && time <= 8_640_000_000_000_000
}
