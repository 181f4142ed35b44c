import type { Block } from '@trader/core/contract/block'
import type { Database } from '../pool.ts'
import { json } from './value.ts'

/** Stores a refusal once, by its id, with its event. The time of recording is the database's. */
export async function recordBlock(db: Database, block: Omit<Block, 'recorded_at'>): Promise<void> {
  await db.query('select record_block($1)', [json(block)])
}
