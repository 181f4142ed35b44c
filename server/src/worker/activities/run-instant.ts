import type { Book } from '@trader/core/contract/primitives'
import type { Database } from '../../database/pool.ts'
import { newestRun } from '../../database/queries/newest-run.ts'

/** What the market's clock says for something that came from a person: the cursor of the book's newest run, else the wall clock. */
export async function runInstant(db: Database, book: Book): Promise<{ run_id?: string; market_time: number }> {
  const run = await newestRun(db, book)
  return { ...(run === null ? {} : { run_id: run.run_id }), market_time: run?.cursor ?? Date.now() }
}
