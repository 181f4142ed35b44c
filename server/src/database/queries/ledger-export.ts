import type { Database } from '../pool.ts'
import { values } from './value.ts'

/** The book of one run, or of all, as rows in a stable order: accounts, transactions, entries, orders, fills. */
export interface LedgerExport {
  readonly accounts: Record<string, unknown>[]
  readonly transactions: Record<string, unknown>[]
  readonly entries: Record<string, unknown>[]
  readonly orders: Record<string, unknown>[]
  readonly fills: Record<string, unknown>[]
}

/** Call it inside one `repeatable read` transaction, so that the parts belong together. */
export async function ledgerExport(db: Database, { runId }: { runId?: string } = {}): Promise<LedgerExport> {
  const run = [runId ?? null]
  return {
    accounts: await values(
      db,
      `select jsonb_build_object('account_id', account_id, 'wallet_id', wallet_id, 'run_id', run_id, 'book', book, 'asset', asset, 'kind', kind,
         'posted', as_text(posted), 'held', as_text(held), 'version', version) as value
       from account where $1::text is null or run_id = $1 order by account_id`,
      run,
    ),
    transactions: await values(
      db,
      `select jsonb_build_object('txn_id', txn_id, 'idem_key', idem_key, 'body_sha256', body_sha256, 'kind', kind, 'run_id', run_id, 'book', book,
         'market_time', market_time, 'recorded_at', recorded_at, 'correlation_id', correlation_id, 'reverses_txn_id', reverses_txn_id,
         'hash_ver', hash_ver) as value
       from txn where $1::text is null or run_id = $1 order by txn_id`,
      run,
    ),
    entries: await values(
      db,
      `select jsonb_build_object('txn_id', txn_id, 'seq', seq, 'account_id', account_id, 'asset', asset, 'amount', as_text(amount),
         'balance_after', as_text(balance_after), 'account_version', account_version) as value
       from entry join txn using (txn_id) where $1::text is null or run_id = $1 order by txn_id, seq`,
      run,
    ),
    orders: await values(
      db,
      'select order_json(o) as value from orders o where $1::text is null or run_id = $1 order by run_id, market_time, origin, leg',
      run,
    ),
    fills: await values(db, 'select fill_json(f) as value from fill f where $1::text is null or run_id = $1 order by txn_id', run),
  }
}
