import type { Database } from '../pool.ts'
import { values } from './value.ts'

/** The book of one run, or of all, as rows in a stable order: all that a stranger needs to recompute it from the market's prices. */
export interface LedgerExport {
  readonly runs: Record<string, unknown>[]
  readonly accounts: Record<string, unknown>[]
  readonly transactions: Record<string, unknown>[]
  readonly entries: Record<string, unknown>[]
  readonly orders: Record<string, unknown>[]
  /** With the part of a profit that was to be set aside. */
  readonly fills: Record<string, unknown>[]
  readonly positions: Record<string, unknown>[]
  readonly equity_samples: Record<string, unknown>[]
}

/** Call it inside one `repeatable read` transaction, so that the parts belong together. */
export async function ledgerExport(db: Database, { runId }: { runId?: string } = {}): Promise<LedgerExport> {
  const run = [runId ?? null]
  return {
    runs: await values(db, 'select run_json(run) as value from run where $1::text is null or run_id = $1 order by started_at, run_id', run),
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
    fills: await values(
      db,
      `select fill_json(f) || jsonb_build_object('scrape_fraction', as_text(scrape_fraction)) as value
       from fill f where $1::text is null or run_id = $1 order by txn_id`,
      run,
    ),
    positions: await values(
      db,
      `select position_json(p) || jsonb_build_object('run_id', run_id, 'book', book) as value
       from positions p where $1::text is null or run_id = $1 order by run_id, product`,
      run,
    ),
    equity_samples: await values(
      db,
      'select equity_sample_json(s) as value from equity_sample s where $1::text is null or run_id = $1 order by run_id, market_time',
      run,
    ),
  }
}
