import type { Feedback } from '@trader/core/contract/feedback'
import type { Database } from '../pool.ts'
import { values } from './value.ts'

/** Takes a message to an agent, once by its id. */
export async function addFeedback(db: Database, feedback: Omit<Feedback, 'recorded_at' | 'processed_by'>): Promise<void> {
  await db.query(
    `with stored as (
       insert into feedback (feedback_id, target, message, market_time) values ($1, $2, $3, $4) on conflict do nothing returning feedback
     )
     select append_event('feedback_received', 'user', null, null, (f).feedback_id, (f).market_time, feedback_json(f)) from stored s (f)`,
    [feedback.feedback_id, feedback.target, feedback.message, feedback.market_time],
  )
}

/** What an agent has not used yet, oldest first. */
export async function pendingFeedback(db: Database, target: Feedback['target']): Promise<Feedback[]> {
  return values(
    db,
    'select feedback_json(f) as value from feedback f where target = $1 and processed_by is null order by recorded_at, feedback_id',
    [target],
  )
}

/**
 * Gives messages to one decision or evaluation. Answers those that are its own, so a repeated call answers the same and
 * no message is used twice.
 */
export async function markFeedbackProcessed(
  db: Database,
  { feedbackIds, processedBy, marketTime }: { feedbackIds: readonly string[]; processedBy: string; marketTime: number },
): Promise<Feedback[]> {
  await db.query(
    `with taken as (
       update feedback set processed_by = $2, processed_at = now_ms() where feedback_id = any ($1) and processed_by is null returning feedback
     )
     select append_event('feedback_processed', (f).target, null, null, $2, $3, feedback_json(f)) from taken s (f)`,
    [feedbackIds, processedBy, marketTime],
  )
  return values(
    db,
    'select feedback_json(f) as value from feedback f where feedback_id = any ($1) and processed_by = $2 order by recorded_at, feedback_id',
    [feedbackIds, processedBy],
  )
}
