import type { Balances } from '@trader/core/contract/ledger-messages'
import type { Database } from '../pool.ts'
import { value } from './value.ts'

/** Posted, held, scraped and fees of every asset in a run's book. */
export async function getBalances(db: Database, runId: string): Promise<Balances> {
  return value(db, 'select balances_json(find_run($1)) as value', [runId])
}
