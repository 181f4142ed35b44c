import type { Wallet } from '@trader/core/contract/wallet'
import type { Database } from '../pool.ts'
import { values } from './value.ts'

/** Wallets of a run's book (for live: the lasting ones), or of everything. */
export async function listWallets(db: Database, { runId }: { runId?: string } = {}): Promise<Wallet[]> {
  return values(
    db,
    `select wallet_json(w) as value from wallet w
     where $1::text is null or exists (select from run r where r.run_id = $1 and r.book = w.book and w.run_id is not distinct from account_run(r))
     order by wallet_id`,
    [runId ?? null],
  )
}
