import type { Database } from '../pool.ts'
import { values } from './value.ts'

/** One leg of a journal transaction. */
export interface Posting {
  readonly txn_id: number
  readonly idem_key: string
  readonly kind: string
  readonly account: string
  readonly asset: string
  readonly amount: string
  readonly balance_after: string
  readonly market_time: number
}

/** What the journal has under a correlation id, in the order it was written. */
export async function listPostings(db: Database, correlationId: string): Promise<Posting[]> {
  return values(
    db,
    `select jsonb_build_object('txn_id', txn_id, 'idem_key', idem_key, 'kind', txn.kind, 'account', account.kind, 'asset', entry.asset,
       'amount', as_text(amount), 'balance_after', as_text(balance_after), 'market_time', market_time) as value
     from txn join entry using (txn_id) join account using (account_id) where correlation_id = $1 order by txn_id, seq`,
    [correlationId],
  )
}
