import type { Book } from '@trader/core/contract/primitives'
import type { Run } from '@trader/core/contract/run'
import type { Database } from '../database/pool.ts'
import { findRun } from '../database/queries/find-run.ts'

/** A run of a book; one that does not exist, or is another book's, is a fault of the caller. */
export async function openRunOf(db: Database, { runId, book }: { runId: string; book: Book }): Promise<Run> {
  const run = await findRun(db, runId)
  if (run === null) throw new Error(`there is no run ${runId}`)
  if (run.book !== book) throw new Error(`run ${runId} is of the book ${run.book}, not ${book}`)
  return run
}
