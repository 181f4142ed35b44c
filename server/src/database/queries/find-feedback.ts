import type { Feedback } from '@trader/core/contract/feedback'
import type { Database } from '../pool.ts'
import { valueOrNull } from './value.ts'

export async function findFeedback(db: Database, feedbackId: string): Promise<Feedback | null> {
  return valueOrNull(db, 'select feedback_json(f) as value from feedback f where feedback_id = $1', [feedbackId])
}
