import type { Book } from '@trader/core/contract/primitives'
import type { Run } from '@trader/core/contract/run'
import type { Database } from '../pool.ts'
import { valueOrNull } from './value.ts'

const newestFirst = 'coalesce(last_started_at, started_at) desc, run_id desc'

/** The newest run's id as a subquery, so that a list needs no round trip to learn what it is of. `book` is an SQL parameter. */
export function newestRunId(book: `$${number}`): string {
  return `(select run_id from run where book = ${book} order by ${newestFirst} limit 1)`
}

/** The run of a book that was opened or resumed last, finished or not; null before the first. */
export async function newestRun(db: Database, book: Book): Promise<Run | null> {
  return valueOrNull(db, `select run_json(run) as value from run where book = $1 order by ${newestFirst} limit 1`, [book])
}
