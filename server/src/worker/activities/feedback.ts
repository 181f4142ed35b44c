import type { FeedbackActivities, StoreFeedback } from '@trader/workflows/activities'
import { type Database, type Pool, withTransaction } from '../../database/pool.ts'
import { addFeedback, pendingFeedback } from '../../database/queries/feedback.ts'
import { findFeedback } from '../../database/queries/find-feedback.ts'
import { runInstant } from './run-instant.ts'

/** More than an agent could weigh in one prompt; the next decision makes room. */
const mostPending = 50

export function createFeedbackActivities({ pool }: { pool: Pool }): FeedbackActivities {
  return {
    loadPendingFeedback: (target) => pendingFeedback(pool, target),
    storeFeedback: (feedback) =>
      withTransaction(pool, async (db) => {
        const status = await store(db, feedback)
        return { status, pending: await pendingFeedback(db, feedback.target) }
      }),
  }
}

async function store(
  db: Database,
  { feedback_id, target, message, book }: StoreFeedback,
): Promise<'stored' | 'exists' | 'too_many' | 'conflict'> {
  const known = await findFeedback(db, feedback_id)
  if (known !== null) return known.target === target && known.message === message ? 'exists' : 'conflict'
  if ((await pendingFeedback(db, target)).length >= mostPending) return 'too_many'
  const { market_time } = await runInstant(db, book)
  await addFeedback(db, { feedback_id, target, message, market_time })
  return 'stored'
}
