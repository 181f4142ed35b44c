import type { Book } from '@trader/core/contract/primitives'
import type { TradingFlag as TradingState } from '@trader/core/contract/trading-flag'
import type { Database } from '../pool.ts'
import { json, value, valueOrNull, values } from './value.ts'

export interface TradingFlag {
  book: Book
  state: TradingState
  who: string
  reason: string
  version: number
  changed_at: number
}

/** A book that never had a flag trades. */
export async function getTradingFlag(db: Database, book: Book): Promise<TradingFlag> {
  const flag = await valueOrNull<TradingFlag>(db, 'select flag_json(f) as value from trading_flag f where book = $1', [book])
  return flag ?? { book, state: 'active', who: 'system', reason: 'initial state', version: 0, changed_at: 0 }
}

/** Waits for reserves under way; every later one sees the new state. */
export async function setTradingFlag(
  db: Database,
  request: { book: Book; state: TradingState; who: string; reason: string; run_id?: string; market_time: number },
): Promise<{ changed: boolean; flag: TradingFlag }> {
  return value(db, 'select set_trading_flag($1) as value', [json(request)])
}

export interface TradingFlagChange {
  version: number
  old_state: TradingState
  new_state: TradingState
  who: string
  reason: string
  recorded_at: number
}

/** Newest first. */
export async function listTradingFlagChanges(db: Database, book: Book): Promise<TradingFlagChange[]> {
  return values(
    db,
    `select jsonb_build_object('version', version, 'old_state', old_state, 'new_state', new_state, 'who', who, 'reason', reason,
       'recorded_at', recorded_at) as value
     from trading_flag_change where book = $1 order by version desc`,
    [book],
  )
}
