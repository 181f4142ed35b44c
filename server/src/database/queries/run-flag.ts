import type { Book } from '@trader/core/contract/primitives'
import type { TradingFlag } from '@trader/core/contract/trading-flag'
import type { Database } from '../pool.ts'
import { valueOrNull } from './value.ts'

export interface RunFlag {
  readonly book: Book
  /** Market time (ms) up to which ticks were delivered. */
  readonly cursor: number | null
  readonly state: TradingFlag
  readonly reason: string
}

/** Whether a run's book may trade; null where there is no such run. A book that never had a flag trades. */
export async function runFlag(db: Database, runId: string): Promise<RunFlag | null> {
  return valueOrNull(
    db,
    `select jsonb_build_object('book', run.book, 'cursor', run.cursor, 'state', coalesce(flag.state, 'active'), 'reason', coalesce(flag.reason, '')) as value
     from run left join trading_flag flag on flag.book = run.book where run_id = $1`,
    [runId],
  )
}
