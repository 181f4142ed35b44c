import type { Database } from '../pool.ts'
import { value } from './value.ts'

/** Marks an unclaimed database with this stack's id, and answers whose it is. */
export async function claimStack(db: Database, stackId: string): Promise<string> {
  await db.query('insert into stack_info (stack_id) values ($1) on conflict do nothing', [stackId])
  return value<string>(db, 'select stack_id as value from stack_info')
}
