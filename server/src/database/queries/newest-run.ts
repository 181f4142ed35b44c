import type { Book } from '@trader/core/contract/primitives'
import type { Run } from '@trader/core/contract/run'
import type { Database } from '../pool.ts'
import { valueOrNull } from './value.ts'

/** The run of a book that was opened or resumed last, finished or not; null before the first. */
export async function newestRun(db: Database, book: Book): Promise<Run | null> {
  return valueOrNull(
    db,
    'select run_json(run) as value from run where book = $1 order by coalesce(last_started_at, started_at) desc, run_id desc limit 1',
    [book],
  )
}
